/* SPDX-License-Identifier: MIT */
/*
 * fuzz_conventions.c - any bytes as a configuration beside a model's weights.
 * The first byte says which; what is taken from it must make sense.
 */
#include "fuzz_folder.h"

#include <math.h>

#include "encoders/conventions.h"

static const struct {
    const char *name;
    expclip__naming naming;
} files[] = {
    { "open_clip_config.json", EXPCLIP__NAMING_OPENAI },
    { "config.json", EXPCLIP__NAMING_HUGGING_FACE },
    { "preprocessor_config.json", EXPCLIP__NAMING_HUGGING_FACE },
    { "processor_config.json", EXPCLIP__NAMING_HUGGING_FACE },
};

enum { N_FILES = sizeof(files) / sizeof(files[0]) };

/* As families.c leaves the config of a ViT-B/32. */
static expclip__config vit_b32(expclip__naming naming)
{
    return (expclip__config){
        .naming = naming,
        .vision = { 768, 12, 0, 3072 },
        .text = { 512, 12, 0, 2048 },
        .patch_size = 32,
        .grid = 7,
        .image_size = 224,
        .embed_dim = 512,
        .context_length = 77,
        .vocabulary_size = 49408,
        .quick_gelu = 1,
        .layer_norm_eps = 1e-5,
        .mean = { 0.5f, 0.5f, 0.5f },
        .std = { 0.5f, 0.5f, 0.5f },
    };
}

static void check(const expclip__config *c)
{
    if (c->vision.heads < 0 || c->text.heads < 0 || !(c->layer_norm_eps > 0.0))
        abort();
    for (int i = 0; i < 3; i++)
        if (!isfinite(c->mean[i]) || !isfinite(c->std[i]))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char weights[] = "\x08\0\0\0\0\0\0\0{}      ";
    const int file = size ? data[0] % N_FILES : 0;
    expclip__config config = vit_b32(files[file].naming);
    expclip__conventions said;
    expclip__weights *ws = NULL;
    expclip_error err = { 0 };
    expclip_status status;

    if (fuzz_begin())
        fuzz_write("w.safetensors", weights, sizeof(weights) - 1);
    fuzz_write(files[file].name, data + (size > 0), size - (size > 0));
    if (expclip__weights_open(&ws, fuzz_path("w.safetensors"), &err))
        abort();
    status = expclip__conventions_read(&said, &config, ws, &err);
    if (!status)
        status = expclip__conventions_apply(&config, &said, ws, &err);
    fuzz_check(status, &err);
    if (!status)
        check(&config);
    expclip__weights_free(ws);
    unlink(fuzz_path(files[file].name));
    return 0;
}
