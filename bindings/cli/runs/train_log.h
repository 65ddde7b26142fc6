/* SPDX-License-Identifier: MIT */
/*
 * train_log.h - the log of a training: JSON Lines, one object a step,
 *     {"epoch": 0, "step": 12, "loss": 6.1, "accuracy": 0.01, "lr": 0.001}
 * and one for rates of plain CLIP, or of the head after so many steps,
 *     {"validation": "DFEW", "prompts": "type3", "head": "trained",
 *      "epochs": 1, "steps": 95, "uar": 41.2, "war": 45.7}
 */
#ifndef EXPCLIP_CLI_TRAIN_LOG_H
#define EXPCLIP_CLI_TRAIN_LOG_H

#include <expclip_train.h>

typedef struct train_log train_log;

/**
 * Open a log. Lines of steps before the trainer's are kept; those after them,
 * and rates of where it stands, which will be done again, are not.
 *
 * @return 0 or an exit code, reported
 */
int train_log_open(train_log **out, const char *path,
                   const expclip_trainer *trainer);
/** Add the trainer's last step. @return 0 or EXIT_RESOURCES, reported */
int train_log_add(train_log *log, const expclip_trainer *trainer);
/** What validation found, in percent. */
typedef struct train_rates {
    const char *title;
    const char *prompts;
    int is_plain; /* CLIP without a head */
    double uar;
    double war;
} train_rates;

/** Add rates after the trainer's last step. @return as train_log_add() */
int train_log_add_rates(train_log *log, const expclip_trainer *trainer,
                        const train_rates *rates);
/** Draw what a log holds, from its first step on. @return 0 or an exit code,
 * reported */
int train_log_plot(const char *path, const char *plot, const char *title,
                   int64_t epoch_steps);
/** @return 0 or EXIT_RESOURCES, reported; takes NULL */
int train_log_close(train_log *log);

#endif
