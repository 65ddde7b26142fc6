/* SPDX-License-Identifier: MIT */
/*
 * reference_run.h - what others measured: the reference implementation's
 * logged runs of its released heads, and the paper's own table.
 */
#ifndef EXPCLIP_CLI_REFERENCE_RUN_H
#define EXPCLIP_CLI_REFERENCE_RUN_H

#include <stddef.h>

enum { REFERENCE_N_BACKBONES = 3, REFERENCE_N_DATASETS = 8 };

/** Percent. */
typedef struct run_figures {
    double uar, war;
} run_figures;

/** 0..2 for a model's name such as "ViT-B/32", -1 for any other. */
int reference_backbone(const char *model);
/** "ViT-B/32", "ViT-B/16" or "ViT-L/14". */
const char *reference_backbone_name(size_t backbone);

/** 0..7, the paper's order, for this library's name of it; -1 for others. */
int reference_dataset(const char *name);
/** As the paper prints the name: "RAF-DB"; `name` itself for other data. */
const char *reference_dataset_title(const char *name);

/**
 * The run of an Exp-CLIP head that the reference's repository logs.
 *
 * @param prompt_set  "type1" .. "type5"
 * @return 1, or 0 when there is none
 */
int reference_logged(run_figures *out, int backbone, const char *prompt_set,
                     int dataset);
/**
 * The paper's figures (tables 1 and 2): another run than the logged one, at
 * most 0.5 to 3 points from it. They do not say which prompts.
 *
 * @param has_head  1 = Exp-CLIP, 0 = plain CLIP
 * @return 1, or 0 when there is none
 */
int reference_paper(run_figures *out, int backbone, int has_head, int dataset);

#endif
