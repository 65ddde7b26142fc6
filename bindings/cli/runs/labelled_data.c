/* SPDX-License-Identifier: MIT */
/*
 * labelled_data.c - a dataset whose true classes are known, and rates of
 * scores of it.
 */
#include "runs/labelled_data.h"

#include <stdlib.h>
#include <string.h>

#include "options/model_settings.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/stop.h"

/** "DATASET", or "DATASET (largest 1.2:0.1)", for free(). */
static char *with_framing(const char *name, const face_framing *f)
{
    const char *faces = f->faces == EXPCLIP_FACES_AUTO ? "auto" : "largest";
    const char *upright = f->upright ? ", upright" : "";

    if (f->faces == EXPCLIP_FACES_NONE)
        return memory_text("%s", name);
    if (f->side == 0.0f)
        return memory_text("%s (%s%s)", name, faces, upright);
    if (f->up == 0.0f)
        return memory_text("%s (%s %g%s)", name, faces, (double)f->side,
                           upright);
    return memory_text("%s (%s %g:%g%s)", name, faces, (double)f->side,
                       (double)f->up, upright);
}

/** What people call it: data without a name of its own has a path. */
static void name_data(labelled_data *d)
{
    const char *name = expclip_dataset_name(d->dataset);
    const int has_none =
        strcmp(name, "folder") == 0 || strcmp(name, "list") == 0;

    d->name = with_framing(name, &d->framing);
    d->title =
        with_framing(has_none ? strchr(d->spec, '=') + 1 : name, &d->framing);
}

/** Scores without true classes are no rates. */
static int check_labels(const labelled_data *d)
{
    if (strcmp(expclip_dataset_name(d->dataset), "images") == 0) {
        console_error("%s: images without classes, expected a dataset, or "
                      "folder=DIR with one folder per class",
                      d->spec);
        return EXIT_USAGE;
    }
    if (d->n_classes < 2) {
        console_error("%s: found only the class \"%s\", so that every answer "
                      "would be right;"
                      " expected at least two: name the folder that holds the"
                      " folders of all classes",
                      d->spec, d->n_classes ? d->names[0] : "");
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < d->n; i++)
        if (d->labels[i] < 0 || (size_t)d->labels[i] >= d->n_classes) {
            console_error("%s: %s has no class", d->title,
                          expclip_dataset_path(d->dataset, i));
            return EXIT_USAGE;
        }
    return 0;
}

int labelled_data_open(labelled_data *d, const char *spec,
                       const data_settings *reading,
                       const face_framing *framing)
{
    const int rc = data_settings_try(&d->dataset, spec, reading);

    if (rc)
        return rc;
    d->spec = spec;
    d->framing =
        framing ? *framing : (face_framing){ .faces = EXPCLIP_FACES_NONE };
    name_data(d);
    d->n = expclip_dataset_count(d->dataset);
    d->n_classes = expclip_dataset_class_count(d->dataset);
    d->labels = memory_new(d->n, sizeof(*d->labels));
    d->folds = memory_new(d->n, sizeof(*d->folds));
    d->names = memory_new(d->n_classes, sizeof(*d->names));
    for (size_t i = 0; i < d->n; i++) {
        d->labels[i] = expclip_dataset_label(d->dataset, i);
        d->folds[i] = expclip_dataset_fold(d->dataset, i);
    }
    for (size_t c = 0; c < d->n_classes; c++)
        d->names[c] = expclip_dataset_class_name(d->dataset, c);
    data_settings_tell(d->dataset);
    return check_labels(d);
}

void labelled_data_close(labelled_data *d)
{
    expclip_rows_free(d->features);
    expclip_dataset_free(d->dataset);
    free(d->name);
    free(d->title);
    free(d->labels);
    free(d->folds);
    free(d->names);
    prompt_sets_free(&d->sets);
}

int labelled_data_measure(json_t **out, const labelled_data *d,
                          const float *logits,
                          const expclip_metrics_options *options)
{
    expclip_string *text = NULL;
    expclip_error err;

    if (expclip_metrics_compute(&text, logits, d->n * d->n_classes, d->labels,
                                d->n, d->folds, d->n, d->names, d->n_classes,
                                options, stop_token(), &err))
        return failure_report(&err);
    *out = json_loadb(expclip_string_data(text), expclip_string_size(text), 0,
                      NULL);
    expclip_string_free(text);
    return *out ? 0 : EXIT_RESOURCES;
}
