/* SPDX-License-Identifier: MIT */
/*
 * targets.c - expclip targets: what a language model's encoder says of many
 * images, for `expclip train`.
 */
#include "runs/row_work.h"
#include "terminal/console.h"

typedef struct targets_settings {
    row_settings rows;
    const char *teacher;
    expclip_teacher_options options;
} targets_settings;

static const targets_settings defaults = {
    .rows = ROW_SETTINGS_DEFAULT,
    .options = EXPCLIP_TEACHER_OPTIONS_INIT,
};

static const command_option options[] = {
    ROW_OPTIONS(targets_settings, rows),
    OPT_HEADING("Teacher"),
    OPT_TEXT(targets_settings, teacher, "teacher", 't', "DIR",
             "The folder of a BLIP-2 with flan-t5 as transformers stores it, "
             "such as Salesforce/blip2-flan-t5-xl or -xxl; or of a T5 or BERT "
             "encoder, such as all-MiniLM-L6-v2, which reads the description "
             "of face.png from face.txt beside it. Required."),
    OPT_TEXT(targets_settings, options.instruction, "instruction", 0, "TEXT",
             "What BLIP-2's language model is asked."),
    OPT_TEXT(targets_settings, options.tokenizer, "tokenizer", 0, "FILE",
             "The SentencePiece model, or the vocabulary of a BERT. Default: "
             "spiece.model or vocab.txt in DIR"),
    OPT_CHOICE(targets_settings, options.activation, "activation",
               "gelu|gelu_new",
               "The activation function of T5: gelu as in the paper's code, "
               "gelu_new as flan-t5 was trained."),
    OPT_CHOICE(targets_settings, options.preprocess, "preprocess",
               "expclip|clip-squash",
               "How BLIP-2's pixels are prepared: expclip as in the paper's "
               "code, clip-squash as BLIP-2 was trained."),
    OPT_CHOICE(targets_settings, options.dtype, "dtype", "fp32|bf16",
               "The number type that the teacher computes with. bf16 needs "
               "half the memory."),
    OPT_TEXT(targets_settings, options.device, "device", 0, "cpu|cuda|cuda:N",
             "The device that computes."),
    OPT_INT(targets_settings, options.threads, "threads", 0, 4096,
            "How many threads compute; 0 means one per core."),
    OPT_END,
};

static int begin(row_job *job, const void *settings)
{
    const targets_settings *s = settings;
    expclip_teacher *teacher = NULL;
    expclip_error err;
    int rc;

    if (!s->teacher) {
        console_error("targets: --teacher DIR is needed; see \"expclip targets"
                      " --help\"");
        return EXIT_USAGE;
    }
    if (expclip_teacher_create(&teacher, s->teacher, &s->options, &err)) {
        console_error("%s", err.message);
        return err.code == EXPCLIP_ERROR_MEMORY ? EXIT_RESOURCES : EXIT_MODEL;
    }
    job->dim = (size_t)expclip_teacher_dim(teacher);
    rc = row_work_check(expclip_rows_create_targets(
                            &job->rows, teacher, job->dataset, job->path, &err),
                        &err);
    expclip_teacher_free(teacher);
    return rc;
}

static int targets(const void *settings, int n_operands, char **operands)
{
    const targets_settings *s = settings;

    (void)n_operands;
    (void)operands;
    return row_work("targets", &s->rows, begin, s);
}

const command targets_command = {
    "targets",
    "",
    "Compute the language model's targets that a head is trained on.",
    "This is the second of three steps: features, targets, train. The targets "
    "are what a language model's encoder makes of the same images, or of their "
    "descriptions; the weights of the teacher tell which. One image takes "
    "seconds with the xxl model on a CPU: --shard divides the work among "
    "machines.",
    options,
    &defaults,
    sizeof(defaults),
    targets,
};
