/* SPDX-License-Identifier: MIT */
/*
 * fuzz_teacher.c - any bytes as a file beside a teacher's weights. The first
 * byte says of which teacher and which file; the weights are small and sound.
 */
#include "fuzz_folder.h"

#include "unit/small_teacher.h"

static const struct {
    const char *folder;
    const char *file;
    teacher_kind kind;
} files[] = {
    { "blip2", "config.json", SMALL_BLIP2 },
    { "t5", "config.json", SMALL_T5 },
    { "bert", "config.json", SMALL_BERT },
    { "bert", "tokenizer_config.json", SMALL_BERT },
    { "bert", "vocab.txt", SMALL_BERT },
    { "t5", "spiece.model", SMALL_T5 },
};

enum { N_FILES = sizeof(files) / sizeof(files[0]) };

static void make_teacher(int file)
{
    snprintf(scratch_folder, sizeof(scratch_folder), "%s",
             fuzz_path(files[file].folder));
    if (mkdir(scratch_folder, 0700) != 0)
        return; /* it is there */
    teacher_write(files[file].kind);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    expclip_teacher_options options = EXPCLIP_TEACHER_OPTIONS_INIT;
    const int file = size ? data[0] % N_FILES : 0;
    uint8_t *kept = NULL;
    size_t kept_size = 0;
    expclip_teacher *t = NULL;
    expclip_error err = { 0 };

    options.threads = 1;
    make_teacher(file);
    if (access(scratch_path(files[file].file), F_OK) == 0)
        kept = scratch_read(scratch_path(files[file].file), &kept_size);
    scratch_write(files[file].file, data + (size > 0), size - (size > 0));
    fuzz_check(expclip_teacher_create(&t, scratch_folder, &options, &err),
               &err);
    expclip_teacher_free(t);
    if (kept)
        scratch_write(files[file].file, kept, kept_size);
    else
        unlink(scratch_path(files[file].file));
    free(kept);
    return 0;
}
