/* SPDX-License-Identifier: MIT */
/*
 * train.c - expclip train: a head from features and targets.
 */
#include <expclip_train.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "options/model_settings.h"
#include "plots/plot.h"
#include "runs/train_log.h"
#include "runs/train_validation.h"
#include "terminal/console.h"
#include "terminal/memory.h"
#include "terminal/progress.h"
#include "terminal/stop.h"
#include "views/outfile.h"

typedef struct train_settings {
    const char *features;
    const char *targets;
    const char *output;
    const char *log;
    const char *plot;
    const char *checkpoints; /* NULL = beside the head */
    expclip_trainer_options options;
    validation_settings validation;
} train_settings;

static const train_settings defaults = {
    .options = EXPCLIP_TRAINER_OPTIONS_INIT,
    .validation = VALIDATION_SETTINGS_DEFAULT,
};

static const command_option options[] = {
    OPT_HEADING("Data"),
    OPT_TEXT(train_settings, features, "features", 0, "FILE",
             "The features: a file of \"expclip features\", or a matrix [n, d] "
             "as .npy or safetensors. Required."),
    OPT_TEXT(train_settings, targets, "targets", 0, "FILE",
             "The targets, in the same order: a file of \"expclip targets\", "
             "or a matrix [n, D]. Required."),
    OPT_TEXT(train_settings, output, "output", 'o', "FILE",
             "The head to write, for --head of the other commands. Required."),
    OPT_TEXT(train_settings, log, "log", 0, "FILE",
             "Write one JSON object per step (epoch, step, loss, accuracy, "
             "lr), and one for the rates of each --validate."),
    OPT_TEXT(train_settings, plot, "plot", 0, "FILE",
             "Plot the loss, accuracy and rates in the log as .svg, .pdf or "
             ".png. Requires --log."),
    OPT_TEXT(
        train_settings, checkpoints, "checkpoints", 0, "DIR",
        "The folder for checkpoints, from which the same command continues "
        "after an interruption. Default: the head's name and .checkpoints"),
    OPT_INT(train_settings, options.checkpoint_steps, "checkpoint-steps", 0,
            1000000000,
            "Also write a checkpoint every N steps; 0 means after each epoch "
            "only."),
    OPT_HEADING("Recipe (the defaults are the paper's)"),
    OPT_INT(train_settings, options.epochs, "epochs", 0, 1000000,
            "How many times the training goes through all rows. 0 writes the "
            "initial head."),
    OPT_INT(train_settings, options.batch, "batch", 2, 1048576,
            "How many rows a step takes. Fewer rows at the end of an epoch are "
            "left out."),
    OPT_CHOICE(train_settings, options.optimizer, "optimizer", "sgd|adamw",
               "The optimizer, as torch.optim has it."),
    OPT_DOUBLE(train_settings, options.learning_rate, "lr", "X", 1e-12, 1e3,
               "The learning rate."),
    OPT_CHOICE(train_settings, options.schedule, "schedule", "constant|cosine",
               "How the learning rate changes; cosine lets it fall to 0."),
    OPT_DOUBLE(train_settings, options.momentum, "momentum", "X", 0, 0.999999,
               "The momentum of sgd."),
    OPT_DOUBLE(train_settings, options.weight_decay, "weight-decay", "X", 0,
               1e3, "The weight decay of both optimizers."),
    OPT_DOUBLE(train_settings, options.logit_scale, "logit-scale", "X", 0, 1e6,
               "The factor of the cosines in the loss; 0 means the model's, "
               "which is kept with the features, or 100 when there is none."),
    OPT_LONG(train_settings, options.seed, "seed", 0, 2147483647,
             "The seed of the initial head and of the order of the rows."),
    OPT_HEADING("Validation"),
    OPT_TEXTS(train_settings, validation.data, "validate", 'd',
              "NAME=PATH[,LIST]...",
              "A dataset, as for \"expclip evaluate\", whose UAR and WAR are "
              "measured before the training, with plain CLIP, and after each "
              "epoch. Nothing is learned from it. May be repeated."),
    OPT_TEXT(train_settings, validation.prompts, "prompts", 'p',
             "SET|FILE|TEMPLATE",
             "How the classes of --validate are put into words, as --prompts "
             "of \"expclip score\"."),
    OPT_TEXT(train_settings, validation.model.model, "model", 'm', "FILE|NAME",
             "The model that computed the features."),
    DATA_OPTIONS(train_settings, validation.reading),
    OPT_HEADING("Model"),
    LOADING_OPTIONS(train_settings, validation.model),
    OPT_END,
};

static int check_plot(const train_settings *s)
{
    if (!s->plot)
        return 0;
    if (!s->log) {
        console_error("--plot needs --log FILE, which it draws");
        return EXIT_USAGE;
    }
    if (!plot_knows(s->plot)) {
        console_error("--plot: found \"%s\", expected a name that ends in .svg,"
                      " .pdf or .png",
                      s->plot);
        return EXIT_USAGE;
    }
    if (!plot_available()) {
        console_error("--plot %s: this program was built without cairo, which"
                      " draws plots",
                      s->plot);
        return EXIT_USAGE;
    }
    return outfile_check(s->plot, EXPCLIP__FILE_PLOT);
}

static int is_same_file(const char *a, const char *b)
{
    struct stat x, y;

    return strcmp(a, b) == 0 || (stat(a, &x) == 0 && stat(b, &y) == 0 &&
                                 x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

/** Hours of work are not overwritten by a slip. */
static int check_outputs(const train_settings *s)
{
    const char *const files[] = { s->features, s->targets, s->output, s->log,
                                  s->plot };
    const size_t n = sizeof(files) / sizeof(files[0]);

    for (size_t i = 2; i < n; i++)
        for (size_t j = 0; files[i] && j < i; j++)
            if (files[j] && is_same_file(files[i], files[j])) {
                console_error("%s: would be written over %s, another file of"
                              " this command; give it a name of its own",
                              files[i], files[j]);
                return EXIT_USAGE;
            }
    return 0;
}

static int check(const train_settings *s, int n_operands, char **operands)
{
    const char *missing = !s->features  ? "--features FILE"
                          : !s->targets ? "--targets FILE"
                          : !s->output  ? "-o FILE"
                                        : NULL;

    if (n_operands) {
        console_error("train: \"%s\" is no option; see \"expclip train"
                      " --help\"",
                      operands[0]);
        return EXIT_USAGE;
    }
    if (missing) {
        console_error("train: %s is needed; see \"expclip train --help\"",
                      missing);
        return EXIT_USAGE;
    }
    if (check_outputs(s) || check_plot(s))
        return EXIT_USAGE;
    return outfile_check(s->output, EXPCLIP__FILE_TENSORS);
}

static int create(expclip_trainer **out, const train_settings *s,
                  const char *checkpoints)
{
    expclip_trainer_options o = s->options;
    expclip_error err;
    expclip_status status;

    o.checkpoints = checkpoints;
    o.threads = s->validation.model.load.threads;
    status = expclip_trainer_create(out, s->features, s->targets, &o, &err);
    if (!status)
        return 0;
    console_error("%s", err.message);
    return status == EXPCLIP_ERROR_MEMORY || status == EXPCLIP_ERROR_IO
               ? EXIT_RESOURCES
               : EXIT_USAGE;
}

/** What runs; log and validation may be NULL. */
typedef struct training {
    expclip_trainer *trainer;
    const char *checkpoints;
    train_log *log;
    train_validation *validation;
    double loss, accuracy; /* sums of this epoch */
    int64_t n;             /* its steps that were done here */
    int32_t batch;         /* rows of a step */
} training;

/** "accuracy 7.8 % among 512 targets (chance 0.2 %)": the rows of a step whose
 * own target is the nearest of all targets of the step. */
static void accuracy_text(char out[80], double accuracy, int32_t batch)
{
    snprintf(out, 80, "accuracy %.1f %% among %d targets (chance %.1f %%)",
             100.0 * accuracy, (int)batch, 100.0 / batch);
}

static int fail_step(const training *t, const expclip_error *err)
{
    console_error("step %lld: %s",
                  (long long)expclip_trainer_step_count(t->trainer),
                  err->message);
    if (err->code == EXPCLIP_ERROR_CANCELLED)
        console_error("the state is in %s: the same command continues it",
                      t->checkpoints);
    return err->code == EXPCLIP_ERROR_NONFINITE ? EXIT_USAGE
                                                : exit_code_of(err->code);
}

/** Its means, when all of it was done here; then rates of the head. */
static int end_epoch(training *t)
{
    const int64_t steps = expclip_trainer_epoch_steps(t->trainer);
    const int64_t total = expclip_trainer_total_steps(t->trainer);
    const int64_t done = expclip_trainer_step_count(t->trainer) / steps;
    char accuracy[80];

    accuracy_text(accuracy, t->accuracy / (double)t->n, t->batch);
    if (t->n == steps)
        console_note("epoch %lld of %lld: loss %.4f, %s", (long long)done,
                     (long long)(total / steps), t->loss / (double)t->n,
                     accuracy);
    else
        console_note("epoch %lld of %lld", (long long)done,
                     (long long)(total / steps));
    t->loss = t->accuracy = 0.0;
    t->n = 0;
    return t->validation
               ? train_validation_run(t->validation, t->trainer, t->log)
               : 0;
}

static int train_all(training *t)
{
    const int64_t total = expclip_trainer_total_steps(t->trainer);
    expclip_error err;
    progress bar;
    int rc = 0;

    progress_start(&bar, "steps", (double)total);
    while (!rc && expclip_trainer_step_count(t->trainer) < total) {
        if (expclip_trainer_step(t->trainer, stop_token(), &err)) {
            progress_hide(&bar);
            return fail_step(t, &err);
        }
        t->loss += expclip_trainer_loss(t->trainer);
        t->accuracy += expclip_trainer_accuracy(t->trainer);
        t->n++;
        rc = t->log ? train_log_add(t->log, t->trainer) : 0;
        progress_show(&bar, (double)expclip_trainer_step_count(t->trainer));
        if (!rc && expclip_trainer_step_count(t->trainer) %
                           expclip_trainer_epoch_steps(t->trainer) ==
                       0) {
            progress_hide(&bar);
            rc = end_epoch(t);
        }
    }
    progress_hide(&bar);
    return rc;
}

static expclip_status write_head(const char *name, const void *data,
                                 expclip_error *err)
{
    return expclip_trainer_save_head(data, name, err);
}

static void tell_start(const expclip_trainer *trainer, const char *checkpoints)
{
    const int64_t done = expclip_trainer_step_count(trainer);

    if (*expclip_trainer_note(trainer))
        console_error("%s", expclip_trainer_note(trainer));
    if (done)
        console_note("continues from step %lld of %lld (%s)", (long long)done,
                     (long long)expclip_trainer_total_steps(trainer),
                     checkpoints);
}

static void tell_end(const expclip_trainer *trainer, const train_settings *s,
                     double seconds)
{
    char accuracy[80];

    accuracy_text(accuracy, expclip_trainer_accuracy(trainer),
                  s->options.batch);
    console_note("%s: head [%d, %d], %lld steps, loss %.4f, %s, %.1f s",
                 s->output, (int)expclip_trainer_target_dim(trainer),
                 (int)expclip_trainer_feature_dim(trainer),
                 (long long)expclip_trainer_step_count(trainer),
                 expclip_trainer_loss(trainer), accuracy, seconds);
}

/** From the checkpoint, if any, to the last step; then the files. */
static int run(training *t, const train_settings *s)
{
    int closed, rc = 0;

    tell_start(t->trainer, t->checkpoints);
    if (s->log)
        rc = train_log_open(&t->log, s->log, t->trainer);
    if (!rc && t->validation)
        rc = train_validation_start(t->validation, t->trainer, t->log,
                                    t->checkpoints);
    if (!rc)
        rc = train_all(t);
    closed = train_log_close(t->log);
    if (!rc)
        rc = closed ? closed
                    : outfile_library(s->output, EXPCLIP__FILE_TENSORS,
                                      write_head, t->trainer);
    if (!rc && s->plot)
        rc = train_log_plot(s->log, s->plot, s->output,
                            expclip_trainer_epoch_steps(t->trainer));
    return rc;
}

static int train(const void *settings, int n_operands, char **operands)
{
    const train_settings *s = settings;
    const double start = console_seconds();
    training t = { 0 };
    char *checkpoints = s->checkpoints || !s->output
                            ? NULL
                            : memory_text("%s.checkpoints", s->output);
    int rc = check(s, n_operands, operands);

    t.checkpoints = checkpoints ? checkpoints : s->checkpoints;
    t.batch = s->options.batch;
    if (!rc)
        rc = train_validation_open(&t.validation, &s->validation);
    if (!rc)
        rc = create(&t.trainer, s, t.checkpoints);
    if (!rc)
        rc = run(&t, s);
    if (!rc)
        tell_end(t.trainer, s, console_seconds() - start);
    if (!rc && t.validation && train_validation_failed(t.validation))
        rc = EXIT_SOME_FAILED;
    train_validation_close(t.validation);
    expclip_trainer_free(t.trainer);
    free(checkpoints);
    return rc;
}

const command train_command = {
    "train",
    "",
    "Train a head from features and targets.",
    "This is the last of three steps: features, targets, train. Each row of "
    "--features belongs to the same row of --targets. No labels are needed. "
    "The same files and seed give the same head on the same machine, also when "
    "the training was interrupted: the same command continues it.",
    options,
    &defaults,
    sizeof(defaults),
    train,
};
