/* SPDX-License-Identifier: MIT */
/*
 * fuzz_model.c - any bytes as a model: the header of its weights, a line's end
 * and config.json beside it.
 */
#include "fuzz_tensors.h"

#include <expclip.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
    const size_t header = line ? (size_t)(line - data) : size;
    expclip_load_options options = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_model *m = NULL;
    expclip_error err = { 0 };

    options.threads = 1;
    if (line) {
        fuzz_write("config.json", line + 1, size - header - 1);
        fuzz_write("open_clip_config.json", line + 1, size - header - 1);
    }
    fuzz_tensors_write("model.safetensors", data, header);
    fuzz_check(expclip_model_load(&m, fuzz_folder, &options, &err), &err);
    expclip_model_free(m);
    unlink(fuzz_path("config.json"));
    unlink(fuzz_path("open_clip_config.json"));
    return 0;
}
