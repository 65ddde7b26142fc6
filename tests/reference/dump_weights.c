/* SPDX-License-Identifier: MIT */
/*
 * dump_weights.c - print what our reader sees in a weights file: one line for
 * each tensor with its name, dtype, shape and the CRC-32 of its values as
 * float32. test_weights.py compares this with what torch and safetensors see.
 *
 * Exit: 0, or 1 with the error on stderr. Without a file, names are read from
 * stdin, and a line "= 0" or "= 1" follows the lines of each.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "weights/weights.h"

/* A name in one word of one line. */
static void print_name(const char *name)
{
    for (; *name; name++)
        if ((unsigned char)*name < ' ' || *name == '\\')
            printf("\\x%02x", (unsigned)*name);
        else
            putchar(*name);
}

static int dump(const expclip__weights *ws, const expclip__weight *w)
{
    expclip_error err;
    float *values = malloc((size_t)w->n_elements * sizeof(*values) + 1);
    int failed = 0;

    print_name(w->name);
    printf("\t%s\t", expclip__dtype_name(w->dtype));
    for (int32_t i = 0; i < w->n_dims; i++)
        printf("%s%" PRId64, i ? "," : "", w->shape[i]);
    if (w->dtype > EXPCLIP__BF16) {
        puts("\t-"); /* only float types are read */
    } else if (expclip__weights_read_f32(ws, w, values, w->n_elements, 0,
                                         &err)) {
        fprintf(stderr, "%d %s\n", (int)err.code, err.message);
        putchar('\n');
        failed = 1;
    } else {
        /* Converters differ in the payload of NaN, which says nothing. */
        for (int64_t i = 0; i < w->n_elements; i++)
            values[i] = isnan(values[i]) ? NAN : values[i];
        printf("\t%08lx\n", crc32_z(0, (const Bytef *)values,
                                    (size_t)w->n_elements * sizeof(*values)));
    }
    free(values);
    return failed;
}

/* One file; after its lines, or in their place, how it ended. */
static int dump_file(const char *path)
{
    expclip__weights *ws = NULL;
    expclip_error err;
    int failed = 0;

    if (expclip__weights_open(&ws, path, &err)) {
        fprintf(stderr, "%d %s\n", (int)err.code, err.message);
        return 1;
    }
    for (size_t i = 0; !failed && i < expclip__weights_count(ws); i++)
        failed = dump(ws, expclip__weights_at(ws, i));
    expclip__weights_free(ws);
    return failed;
}

int main(int argc, char **argv)
{
    char path[4096];

    if (argc == 2)
        return dump_file(argv[1]);
    if (argc != 1) {
        fputs("usage: dump_weights [FILE], or names of files on stdin\n",
              stderr);
        return 2;
    }
    while (fgets(path, sizeof(path), stdin)) {
        path[strcspn(path, "\n")] = '\0';
        printf("= %d\n", dump_file(path));
    }
    return 0;
}
