/* SPDX-License-Identifier: MIT */
/*
 * fuzz_raw_frames.c - any first line as the format of raw frames, any bytes
 * after it as what comes on stdin.
 *
 * Each byte is counted: it was in a frame that was taken or dropped, or in the
 * half frame at the end.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "inputs/raw_frames.h"

#define MAX_BYTES (1 << 20) /* of a frame */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void give_on_stdin(const uint8_t *data, size_t size)
{
    const int file = memfd_create("frames", 0);

    if (file < 0 || write(file, data, size) != (ssize_t)size ||
        lseek(file, 0, SEEK_SET) != 0 || dup2(file, STDIN_FILENO) < 0)
        abort();
    close(file);
}

static void read_all(const raw_format *format, size_t size)
{
    const size_t frame_size =
        3 * (size_t)format->width * (size_t)format->height;
    raw_frames *frames;
    raw_frame frame;
    size_t n = 0;
    int64_t last = -1;
    volatile uint8_t seen = 0;

    if (raw_frames_start(&frames, format))
        abort();
    while (raw_frames_next(frames, &frame)) {
        if (frame.index <= last)
            abort();
        last = frame.index;
        seen ^= frame.rgb[0] ^ frame.rgb[frame_size - 1];
        n++;
    }
    n += (size_t)raw_frames_dropped(frames);
    if (n * frame_size + raw_frames_rest(frames) != size ||
        raw_frames_failure(frames))
        abort();
    raw_frames_stop(frames);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = memchr(data, '\n', size);
    raw_format format;
    char text[64];
    size_t n;

    if (!end || (n = (size_t)(end - data)) >= sizeof(text))
        return 0;
    memcpy(text, data, n);
    text[n] = '\0';
    if (!raw_format_parse(&format, text) ||
        3 * (size_t)format.width * (size_t)format.height > MAX_BYTES)
        return 0;
    size -= n + 1;
    give_on_stdin(end + 1, size);
    read_all(&format, size);
    return 0;
}
