/* SPDX-License-Identifier: MIT */
/*
 * expclip.i - the C library as SWIG reads it, for Python, Java and Go.
 *
 * The public headers name the same thing by the same parameters everywhere.
 * This file sorts those names into a few patterns; LANGUAGE/typemaps.i says how
 * its language passes each pattern. So a new function of a header appears in
 * three languages without a line here, unless it brings a new name.
 *
 *     pattern                              a language passes
 *     TYPE **out                           the new object, as result
 *     expclip_error *err                   nothing: a failure is raised
 *     (const float *FLOATS, size_t SIZE)   numbers to read
 *     (float *FLOATS_OUT, size_t SIZE)     numbers to fill
 *     (const int32_t *INTS, size_t SIZE)   32-bit integers to read
 *     (int32_t *INTS_OUT, size_t SIZE)     32-bit integers to fill
 *     (const uint8_t *BYTES, size_t SIZE)  bytes to read
 *     (uint8_t *BYTES_OUT, size_t SIZE)    bytes to fill
 *     (const char *TEXT, size_t SIZE)      a text that may hold NUL
 *     (const char *const *TEXTS, size_t SIZE)  texts
 *     size_t *COUNT_OUT, int32_t *FLAG_OUT, float *FLOAT_OUT
 *                                          one more result
 *
 * What comes out is private to each binding; people see the layer above it.
 */
%module raw

%{
#include <stdlib.h>
#include <string.h>

#include <expclip.h>
#include <expclip_batcher.h>
#include <expclip_clips.h>
#include <expclip_eval.h>
#include <expclip_faces.h>
#include <expclip_rows.h>
#include <expclip_train.h>
#include <expclip_tools.h>
%}

%include <stdint.i>

#if defined(SWIGPYTHON)
%include "python/typemaps.i"
#elif defined(SWIGJAVA)
%include "java/typemaps.i"
#elif defined(SWIGGO)
%include "go/typemaps.i"
#endif

/* ---- the headers' names and their patterns ---- */

%apply (const float *FLOATS, size_t SIZE) {
    (const float *logits, size_t logits_size),
    (const float *other_logits, size_t other_logits_size),
    (const float *embeddings, size_t embeddings_size)
}
%apply (float *FLOATS_OUT, size_t SIZE) {
    (float *logits, size_t logits_size),
    (float *probabilities, size_t probabilities_size),
    (float *embeddings, size_t embeddings_size),
    (float *head, size_t head_size),
    (float *pixels, size_t pixels_size),
    (float *values, size_t values_size)
}
%apply (const int32_t *INTS, size_t SIZE) {
    (const int32_t *weights, size_t weights_size),
    (const int32_t *labels, size_t labels_size),
    (const int32_t *folds, size_t folds_size)
}
%apply (int32_t *INTS_OUT, size_t SIZE) {
    (int32_t *indices, size_t indices_size),
    (int32_t *top, size_t top_size),
    (int32_t *ids, size_t ids_size),
    (int32_t *truncated, size_t truncated_size),
    (int32_t *tracks, size_t tracks_size)
}
%apply (const uint8_t *BYTES, size_t SIZE) {
    (const uint8_t *bytes, size_t bytes_size),
    (const uint8_t *pixels, size_t pixels_size)
}
%apply (uint8_t *BYTES_OUT, size_t SIZE) { (uint8_t *rgb, size_t rgb_size) }
%apply (const char *TEXT, size_t SIZE) {
    (const char *text, size_t text_size)
}
%apply (const char *const *TEXTS, size_t SIZE) {
    (const char *const *texts, size_t texts_size),
    (const char *const *lists, size_t lists_size),
    (const char *const *class_names, size_t class_names_size)
}
%apply size_t *COUNT_OUT { size_t *n_ids, size_t *n_added }
%apply int32_t *FLAG_OUT { int32_t *truncated }
%apply float *FLOAT_OUT { float *temperature }

/* ---- options: objects that start with the defaults and own their texts ---- */

%typemap(memberin) const char * {
    free((char *)(uintptr_t)$1);
    $1 = $input ? strdup($input) : NULL;
}

%define OPTIONS(NAME, COPY_TEXTS, FREE_TEXTS)
%ignore expclip_##NAME##_options::struct_size;
%ignore expclip_##NAME##_options::reserved;
%ignore expclip_##NAME##_options_init;
%extend expclip_##NAME##_options {
    expclip_##NAME##_options(void)
    {
        expclip_##NAME##_options *o = malloc(sizeof(*o));

        if (o) {
            expclip_##NAME##_options_init(o, sizeof(*o));
            COPY_TEXTS
        }
        return o;
    }
    ~expclip_##NAME##_options(void)
    {
        if ($self) {
            FREE_TEXTS
        }
        free($self);
    }
}
%enddef

%{
static const char *copy_text(const char *text)
{
    return text ? strdup(text) : NULL;
}

static void free_text(const char *text)
{
    free((char *)(uintptr_t)text);
}
%}

OPTIONS(load,
    o->head = copy_text(o->head);
    o->preprocess = copy_text(o->preprocess);
    o->activation = copy_text(o->activation);
    o->device = copy_text(o->device);
    o->dtype = copy_text(o->dtype);,
    free_text($self->head);
    free_text($self->preprocess);
    free_text($self->activation);
    free_text($self->device);
    free_text($self->dtype);)
OPTIONS(convert,
    o->head = copy_text(o->head);
    o->preprocess = copy_text(o->preprocess);
    o->activation = copy_text(o->activation);
    o->dtype = copy_text(o->dtype);,
    free_text($self->head);
    free_text($self->preprocess);
    free_text($self->activation);
    free_text($self->dtype);)
OPTIONS(dataset,
    o->split = copy_text(o->split);
    o->map_from = copy_text(o->map_from);
    o->map_to = copy_text(o->map_to);
    o->labels = copy_text(o->labels);,
    free_text($self->split);
    free_text($self->map_from);
    free_text($self->map_to);
    free_text($self->labels);)
OPTIONS(features,
    o->cache = copy_text(o->cache);,
    free_text($self->cache);)
OPTIONS(teacher,
    o->instruction = copy_text(o->instruction);
    o->tokenizer = copy_text(o->tokenizer);
    o->activation = copy_text(o->activation);
    o->preprocess = copy_text(o->preprocess);
    o->device = copy_text(o->device);
    o->dtype = copy_text(o->dtype);,
    free_text($self->instruction);
    free_text($self->tokenizer);
    free_text($self->activation);
    free_text($self->preprocess);
    free_text($self->device);
    free_text($self->dtype);)
OPTIONS(trainer,
    o->optimizer = copy_text(o->optimizer);
    o->schedule = copy_text(o->schedule);
    o->checkpoints = copy_text(o->checkpoints);,
    free_text($self->optimizer);
    free_text($self->schedule);
    free_text($self->checkpoints);)
OPTIONS(detector,
    o->weights = copy_text(o->weights);,
    free_text($self->weights);)
OPTIONS(image, , )
OPTIONS(crop, , )
OPTIONS(classes, , )
OPTIONS(embed, , )
OPTIONS(batcher, , )
OPTIONS(frames, , )
OPTIONS(timeline, , )
OPTIONS(metrics, , )
OPTIONS(tracker, , )

%ignore expclip_error;

%include <expclip_base.h>
%include <expclip.h>
%include <expclip_batcher.h>
%include <expclip_tools.h>
%include <expclip_clips.h>
%include <expclip_eval.h>
%include <expclip_faces.h>
%include <expclip_rows.h>
%include <expclip_train.h>
