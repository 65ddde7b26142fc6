/* SPDX-License-Identifier: MIT */
/*
 * report.h - the folder that `expclip evaluate` leaves: results as tables,
 * plots and a page.
 *
 *     results.json    what this is made from; the command writes it
 *     tables.md       tables in the paper's layout
 *     tables.tex      the same for LaTeX (booktabs)
 *     report.html     one page that needs no network and no other file
 *     plots/          confusion matrices and reliability curves
 */
#ifndef EXPCLIP_CLI_REPORT_H
#define EXPCLIP_CLI_REPORT_H

#include <jansson.h>

/** Report a file in the folder that the report must not replace.
 * @return 0 or EXIT_USAGE */
int report_check(const char *folder);
/**
 * Write the report. Files appear only when they are complete.
 *
 * @param folder   exists
 * @param results  an array of objects: "dataset", "prompt_set", "model",
 *                 "head", all that expclip_metrics_compute() gives, and
 * "provenance":
 *                 {"library", "model", "model_fingerprint", "head",
 *                 "preprocess", "dtype", "pooling", "sampling", "n_samples",
 *                 "order", "split", "data", "lists": [path],
 *                 "prompts": {class: [prompt]}}; and "failures",
 *                 [{"path", "message"}]. What is absent is left out
 * @return 0 or an exit code after reporting
 */
int report_write(const char *folder, const json_t *results);

#endif
