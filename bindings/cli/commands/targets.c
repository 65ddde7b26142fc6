/* SPDX-License-Identifier: MIT */
/*
 * targets.c - expclip targets: what a language model's encoder says of many
 * pictures, for `expclip train`.
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
             "A BLIP-2 with flan-t5 as transformers stores it, such as"
             " Salesforce/blip2-flan-t5-xl or -xxl; or the encoder of a T5 or"
             " a BERT, such as all-MiniLM-L6-v2, which reads face.txt beside"
             " face.png. Needed."),
    OPT_TEXT(targets_settings, options.instruction, "instruction", 0, "TEXT",
             "What BLIP-2 is asked."),
    OPT_TEXT(targets_settings, options.tokenizer, "tokenizer", 0, "FILE",
             "SentencePiece model, of a BERT its vocabulary. Default:"
             " spiece.model or vocab.txt in DIR"),
    OPT_CHOICE(targets_settings, options.activation, "activation",
               "gelu|gelu_new",
               "Of T5: gelu as the paper's code sets it, gelu_new as flan-t5"
               " was trained."),
    OPT_CHOICE(targets_settings, options.preprocess, "preprocess",
               "expclip|clip-squash",
               "Pixels: expclip as the paper's code makes them, clip-squash as"
               " BLIP-2 was trained."),
    OPT_CHOICE(targets_settings, options.dtype, "dtype", "fp32|bf16",
               "Numbers of ViT, T5, BERT; bf16 needs half the memory."),
    OPT_TEXT(targets_settings, options.device, "device", 0, "cpu|cuda|cuda:N",
             "Where to compute."),
    OPT_INT(targets_settings, options.threads, "threads", 0, 4096,
            "Threads to compute with; 0 = one per core."),
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
    "What a language model says of many pictures, to train a head.",
    "The second of three steps: features, targets, train. A passage through"
    " the xxl model takes seconds a picture on a CPU: --shard shares the work"
    " among machines.",
    options,
    &defaults,
    sizeof(defaults),
    targets,
};
