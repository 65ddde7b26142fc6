/* SPDX-License-Identifier: MIT */
/*
 * fuzz_tensors.h - a header as a safetensors file around it, so that a fuzzer
 * need not keep the length in front and the size of the data right.
 */
#ifndef EXPCLIP_FUZZ_TENSORS_H
#define EXPCLIP_FUZZ_TENSORS_H

#include "fuzz_folder.h"

/* The largest number that stands before a "]" of the header. */
static inline uint64_t fuzz_tensors_end(const uint8_t *header, size_t size)
{
    uint64_t most = 0, value = 0;

    for (size_t i = 0; i < size; i++) {
        if (header[i] >= '0' && header[i] <= '9' && value < 1u << 20)
            value = value * 10 + header[i] - '0';
        else if (header[i] == ']' && value > most)
            most = value;
        if (header[i] < '0' || header[i] > '9')
            value = 0;
    }
    return most < 1u << 20 ? most : 0;
}

/**
 * Write bytes as a safetensors file: up to the first line's end they are its
 * header, and after it the data, which zeros complete.
 *
 * @return its path, valid until the next call
 */
static inline const char *fuzz_tensors_write(const char *name,
                                             const uint8_t *data, size_t size)
{
    const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
    const size_t header = line ? (size_t)(line - data) : size;
    const size_t given = line ? size - header - 1 : 0;
    const size_t wanted = (size_t)fuzz_tensors_end(data, header);
    const size_t whole = 8 + header + (wanted > given ? wanted : given);
    uint8_t *file = calloc(1, whole);
    const char *path;

    if (!file)
        abort();
    for (int i = 0; i < 8; i++)
        file[i] = (uint8_t)((uint64_t)header >> (8 * i));
    if (header)
        memcpy(file + 8, data, header);
    if (given)
        memcpy(file + 8 + header, line + 1, given);
    path = fuzz_write(name, file, whole);
    free(file);
    return path;
}

#endif
