/* SPDX-License-Identifier: MIT */
/*
 * reference_run.c - what others measured, as tables.
 *
 * The logged runs are the output of the reference's test.py as its repository
 * keeps it: github.com/zengqunzhao/Exp-CLIP, ExpCLIP_B32.txt, ExpCLIP_B16.txt
 * and ExpCLIP_L14.txt, each an Exp-CLIP head on that CLIP model. The paper's
 * rows are tables 1 and 2 of "Enhancing Zero-Shot Facial Expression Recognition
 * by LLM Knowledge Transfer" (WACV 2025), read from img/tabs.png there.
 */
#include "report/reference_run.h"

#include <ctype.h>
#include <string.h>

enum {
    N_BACKBONES = REFERENCE_N_BACKBONES,
    N_DATASETS = REFERENCE_N_DATASETS,
    N_COLUMNS = 2 * N_DATASETS
};

static const struct {
    const char *name;
    const char *key; /* letters and digits, lower case */
} backbones[N_BACKBONES] = {
    { "ViT-B/32", "vitb32" },
    { "ViT-B/16", "vitb16" },
    { "ViT-L/14", "vitl14" },
};

static const struct {
    const char *name;
    const char *title;
} datasets[N_DATASETS] = {
    { "RAFDB", "RAF-DB" },
    { "AffectNet7", "AffectNet7" },
    { "AffectNet8", "AffectNet8" },
    { "FERPlus", "FERPlus" },
    { "DFEW", "DFEW" },
    { "FERV39k", "FERV39k" },
    { "MAFW", "MAFW" },
    { "AFEW", "AFEW" },
};

/* UAR and WAR; pairs as `datasets`, rows type1 to type5. */
static const double logged[N_BACKBONES][5][N_COLUMNS] = {
    {
        /* ViT-B/32 */
        { 36.00, 44.95, 29.26, 29.27, 25.56, 25.56, 25.75, 37.26, 20.91, 27.37,
          19.39, 20.30, 16.05, 20.10, 32.09, 33.33 },
        { 42.00, 51.27, 33.01, 33.01, 28.98, 28.98, 40.62, 45.20, 28.08, 26.37,
          22.36, 19.79, 19.59, 22.66, 31.34, 31.50 },
        { 38.68, 45.05, 31.12, 31.12, 27.41, 27.41, 39.36, 36.98, 25.11, 29.41,
          21.94, 24.14, 17.87, 21.05, 31.64, 33.60 },
        { 40.34, 48.57, 33.49, 33.50, 29.33, 29.33, 40.27, 42.97, 24.96, 26.96,
          21.58, 21.01, 18.92, 23.02, 34.20, 35.70 },
        { 39.82, 50.49, 33.98, 33.98, 29.76, 29.76, 40.94, 44.09, 25.32, 26.78,
          22.36, 22.19, 18.75, 23.77, 32.37, 34.12 },
    },
    {
        /* ViT-B/16 */
        { 41.57, 47.13, 34.95, 34.95, 30.26, 30.26, 37.91, 44.92, 22.96, 29.59,
          23.85, 26.15, 19.03, 22.31, 38.57, 39.90 },
        { 57.01, 60.72, 38.87, 38.87, 33.96, 33.96, 42.01, 53.49, 30.90, 31.74,
          27.28, 29.14, 21.42, 26.14, 35.17, 34.91 },
        { 48.42, 54.11, 38.98, 38.98, 33.56, 33.56, 39.78, 53.71, 25.70, 31.17,
          25.16, 28.69, 18.86, 23.75, 31.17, 32.28 },
        { 52.86, 59.32, 39.38, 39.38, 33.61, 33.61, 42.29, 55.98, 30.20, 32.49,
          27.17, 29.08, 21.70, 26.49, 36.64, 37.80 },
        { 50.82, 58.87, 40.10, 40.10, 34.26, 34.26, 43.33, 55.24, 30.32, 33.77,
          27.94, 30.06, 22.01, 28.21, 36.04, 36.75 },
    },
    {
        /* ViT-L/14 */
        { 50.38, 55.02, 37.92, 37.93, 33.28, 33.28, 48.06, 50.59, 26.65, 31.36,
          23.01, 24.99, 20.67, 23.78, 32.16, 33.07 },
        { 58.08, 62.87, 42.41, 42.41, 37.43, 37.43, 51.07, 55.66, 38.22, 38.07,
          27.44, 26.23, 25.12, 28.99, 37.90, 37.80 },
        { 57.93, 65.94, 44.47, 44.47, 38.41, 38.41, 46.95, 55.82, 40.73, 47.09,
          27.94, 31.57, 24.19, 27.31, 40.27, 41.47 },
        { 57.18, 63.20, 42.90, 42.90, 37.93, 37.93, 51.47, 54.64, 39.50, 41.83,
          28.72, 28.86, 25.64, 29.31, 37.74, 38.32 },
        { 57.99, 63.89, 43.70, 43.70, 38.31, 38.31, 50.95, 54.86, 40.30, 45.02,
          29.17, 31.43, 26.33, 31.52, 39.47, 40.42 },
    },
};

static const double paper[2][N_BACKBONES][N_COLUMNS] = {
    {
        /* CLIP */
        { 34.97, 30.05, 29.29, 29.29, 25.53, 25.53, 36.05, 33.89, 22.08, 21.30,
          18.12, 17.38, 13.39, 15.48, 28.59, 28.87 },
        { 38.66, 37.16, 34.35, 34.35, 29.38, 29.38, 34.33, 45.14, 22.92, 28.33,
          19.81, 22.51, 15.45, 17.25, 28.21, 29.13 },
        { 47.22, 41.13, 34.46, 34.47, 29.96, 29.96, 33.82, 46.67, 32.02, 38.12,
          21.97, 28.99, 20.42, 25.58, 35.50, 38.32 },
    },
    {
        /* Exp-CLIP */
        { 39.56, 42.14, 31.73, 31.73, 27.63, 27.63, 37.83, 37.04, 24.25, 25.87,
          21.48, 21.25, 17.53, 20.27, 29.72, 31.23 },
        { 48.96, 54.50, 39.98, 39.98, 34.40, 34.40, 40.81, 53.02, 27.12, 31.75,
          24.78, 27.99, 19.17, 23.35, 32.84, 33.86 },
        { 58.70, 65.37, 44.27, 44.27, 38.44, 38.43, 48.28, 55.42, 40.16, 47.09,
          27.45, 31.07, 23.95, 26.98, 38.72, 40.42 },
    },
};

int reference_backbone(const char *model)
{
    char key[32];
    size_t n = 0;

    for (; *model && n + 1 < sizeof(key); model++)
        if (isalnum((unsigned char)*model))
            key[n++] = (char)tolower((unsigned char)*model);
    key[n] = '\0';
    if (strncmp(key, "clip", 4) == 0)
        memmove(key, key + 4, n - 3);
    for (int i = 0; i < N_BACKBONES; i++)
        if (strcmp(key, backbones[i].key) == 0)
            return i;
    return -1;
}

const char *reference_backbone_name(size_t backbone)
{
    return backbones[backbone].name;
}

int reference_dataset(const char *name)
{
    for (int i = 0; i < N_DATASETS; i++)
        if (strcmp(name, datasets[i].name) == 0)
            return i;
    return -1;
}

const char *reference_dataset_title(const char *name)
{
    const int i = reference_dataset(name);

    return i < 0 ? name : datasets[i].title;
}

static int take(run_figures *out, const double *row, int dataset)
{
    out->uar = row[2 * dataset];
    out->war = row[2 * dataset + 1];
    return 1;
}

int reference_logged(run_figures *out, int backbone, const char *prompt_set,
                     int dataset)
{
    if (backbone < 0 || dataset < 0 || strncmp(prompt_set, "type", 4) != 0 ||
        prompt_set[4] < '1' || prompt_set[4] > '5' || prompt_set[5] != '\0')
        return 0;
    return take(out, logged[backbone][prompt_set[4] - '1'], dataset);
}

int reference_paper(run_figures *out, int backbone, int has_head, int dataset)
{
    if (backbone < 0 || dataset < 0)
        return 0;
    return take(out, paper[has_head ? 1 : 0][backbone], dataset);
}
