/* SPDX-License-Identifier: MIT */
/*
 * convert.c - expclip convert: a model and its head as one file.
 */
#include <expclip_tools.h>

#include "commands/command.h"
#include "terminal/console.h"
#include "views/outfile.h"

typedef struct convert_settings {
    const char *output;
    expclip_convert_options options;
} convert_settings;

static const convert_settings defaults = {
    NULL,
    EXPCLIP_CONVERT_OPTIONS_INIT,
};

static const command_option options[] = {
    OPT_HEADING("Conversion"),
    OPT_TEXT(convert_settings, output, "output", 'o', "FILE",
             "The safetensors file to write. Required."),
    OPT_CHOICE(convert_settings, options.dtype, "dtype", "fp32|fp16|bf16",
               "The number type of the file."),
    OPT_TEXT(convert_settings, options.head, "head", 0, "FILE|auto|none",
             "The Exp-CLIP head to store: a file, auto for the model file's "
             "own, or none."),
    OPT_FLAG(convert_settings, options.compact_head, "compact-head", 0,
             "Store only R of the QR decomposition of the head: the scores are "
             "the same, and a head of 4096 x 512 takes 1/8 of the space."),
    OPT_CHOICE(convert_settings, options.preprocess, "preprocess",
               "auto|expclip|clip|clip-squash",
               "The preprocessing that the file names, as for --preprocess of "
               "\"expclip score\"; auto keeps the present one."),
    OPT_CHOICE(convert_settings, options.activation, "activation",
               "auto|quick_gelu|gelu",
               "The activation function of the encoders. auto is what the "
               "files say, otherwise quick_gelu."),
    OPT_END,
};

typedef struct conversion {
    const char *model;
    const expclip_convert_options *options;
} conversion;

static expclip_status write(const char *name, const void *data,
                            expclip_error *err)
{
    const conversion *c = data;

    return expclip_weights_convert(c->model, name, c->options, err);
}

static int convert(const void *settings, int n_operands, char **operands)
{
    const convert_settings *s = settings;
    int rc;

    if (n_operands != 1 || !s->output) {
        console_error("convert: expected one model and -o FILE, found %d"
                      " model%s and %s",
                      n_operands, n_operands == 1 ? "" : "s",
                      s->output ? s->output : "no -o");
        return EXIT_USAGE;
    }
    outfile_protect(operands[0]);
    outfile_protect(s->options.head);
    rc = outfile_library(s->output, EXPCLIP__FILE_TENSORS, write,
                         &(conversion){ operands[0], &s->options });
    if (!rc)
        console_note("%s: %s, %s head", s->output, s->options.dtype,
                     s->options.compact_head ? "compact" : "full");
    return rc;
}

const command convert_command = {
    "convert",
    "MODEL",
    "Write a model and its head as one self-describing file.",
    "MODEL is what --model of the other commands takes. The conversion needs "
    "no libtorch.",
    options,
    &defaults,
    sizeof(defaults),
    convert,
};
