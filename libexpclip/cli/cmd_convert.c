/* SPDX-License-Identifier: MIT */
/*
 * cmd_convert.c - expclip convert: a model and its head as one file.
 */
#include <expclip_tools.h>

#include "console.h"
#include "model_settings.h"
#include "outfile.h"

typedef struct convert_settings {
    const char *output;
    const char *dtype;
    const char *head;
    const char *preprocess;
    const char *activation;
    int32_t compact_head;
} convert_settings;

static const convert_settings defaults = {
    .dtype = "fp16",
    .head = "auto",
    .preprocess = "auto",
    .activation = "auto",
};

static const command_option options[] = {
    OPT_HEADING("Conversion"),
    OPT_TEXT(convert_settings, output, "output", 'o', "FILE",
             "Where to write safetensors. Needed."),
    OPT_CHOICE(convert_settings, dtype, "dtype", "fp32|fp16|bf16",
               "Numbers of the file. Default: fp16"),
    OPT_TEXT(convert_settings, head, "head", 0, "FILE|auto|none",
             "Exp-CLIP head to put in: auto = the one that is there."
             " Default: auto"),
    OPT_FLAG(convert_settings, compact_head, "compact-head", 0,
             "Keep R of the head's QR: equal scores, 1/8 of the size at"
             " 4096 x 512."),
    OPT_CHOICE(convert_settings, preprocess, "preprocess",
               "auto|expclip|clip|clip-squash",
               "How pixels shall be prepared. Default: auto"),
    OPT_CHOICE(convert_settings, activation, "activation",
               "auto|quick_gelu|gelu",
               "Of the encoders. Default: auto = as the files say"),
    OPT_END,
};

static int convert(const void *settings, int n_operands, char **operands)
{
    const convert_settings *s = settings;
    expclip_convert_options o = EXPCLIP_CONVERT_OPTIONS_INIT;
    expclip_error err;
    expclip_status status;

    if (n_operands != 1 || !s->output) {
        console_error("convert: expected one model and -o FILE, found %d"
                      " model%s and %s",
                      n_operands, n_operands == 1 ? "" : "s",
                      s->output ? s->output : "no -o");
        return EXIT_USAGE;
    }
    if (outfile_check(s->output))
        return EXIT_USAGE;
    o.head = s->head;
    o.preprocess = s->preprocess;
    o.activation = s->activation;
    o.dtype = s->dtype;
    o.compact_head = s->compact_head;
    status = expclip_convert(operands[0], s->output, &o, &err);
    if (!status) {
        console_note("%s: %s, %s head", s->output, s->dtype,
                     s->compact_head ? "compact" : "full");
        return EXIT_DONE;
    }
    console_error("%s", err.message);
    if (status == EXPCLIP_ERROR_MEMORY || status == EXPCLIP_ERROR_IO)
        return EXIT_RESOURCES;
    return status == EXPCLIP_ERROR_ARGUMENT ? EXIT_USAGE : EXIT_MODEL;
}

const command convert_command = {
    "convert",
    "MODEL",
    "A model and its head as one self-describing file.",
    "Reads what --model of the other commands reads; needs no libtorch.",
    options,
    &defaults,
    sizeof(defaults),
    convert,
};
