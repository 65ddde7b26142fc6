/* SPDX-License-Identifier: MIT */
/*
 * targets.c - expclip targets: what a language model's encoder says of many
 * pictures, for `expclip train`.
 */
#include <expclip_train.h>

#include "options/model_settings.h"
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
             "encoder, such as all-MiniLM-L6-v2, which reads a description of "
             "face.png in face.txt beside it. Required."),
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

static size_t done(const void *object)
{
    return expclip_targets_done_count(object);
}

static expclip_status step(void *object, const expclip_cancel *cancel,
                           expclip_error *err)
{
    return expclip_targets_step(object, cancel, err);
}

static int32_t status_of(const void *object, size_t index)
{
    return expclip_targets_status(object, index);
}

static const char *message_of(const void *object, size_t index)
{
    return expclip_targets_message(object, index);
}

static int load(expclip_teacher **out, const targets_settings *s)
{
    expclip_error err;

    if (!expclip_teacher_create(out, s->teacher, &s->options, &err))
        return 0;
    console_error("%s", err.message);
    return err.code == EXPCLIP_ERROR_MEMORY ? EXIT_RESOURCES : EXIT_MODEL;
}

static int create(expclip_targets **out, const row_job *job,
                  const expclip_teacher *teacher)
{
    expclip_error err;

    if (!expclip_targets_create(out, teacher, job->dataset, job->path, &err))
        return 0;
    console_error("%s", err.message);
    return err.code == EXPCLIP_ERROR_IO || err.code == EXPCLIP_ERROR_MEMORY
               ? EXIT_RESOURCES
               : EXIT_USAGE;
}

static int targets(const void *settings, int n_operands, char **operands)
{
    const targets_settings *s = settings;
    expclip_teacher *teacher = NULL;
    expclip_targets *t = NULL;
    row_job job = { NULL, NULL, 0 };
    int rc = row_job_open(&job, "targets", &s->rows);

    (void)n_operands;
    (void)operands;
    if (!rc && !s->teacher) {
        console_error("targets: --teacher DIR is needed; see \"expclip targets"
                      " --help\"");
        rc = EXIT_USAGE;
    }
    if (!rc)
        rc = load(&teacher, s);
    if (!rc)
        rc = create(&t, &job, teacher);
    if (!rc)
        rc = row_job_check_space(&job, expclip_targets_done_count(t),
                                 (size_t)expclip_teacher_dim(teacher));
    if (!rc)
        rc = row_job_run(&job,
                         &(row_maker){ t, done, step, status_of, message_of });
    expclip_targets_free(t);
    expclip_teacher_free(teacher);
    row_job_close(&job);
    return rc;
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
