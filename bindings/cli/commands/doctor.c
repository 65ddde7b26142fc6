/* SPDX-License-Identifier: MIT */
/*
 * doctor.c - expclip doctor: does this machine give the right numbers?
 *
 * Runs the demo model on images drawn by a formula and compares each stage
 * (tokens, pixels, embeddings, scores) with golden vectors made by the
 * reference software, once for each way of computing. So "my numbers differ" is
 * answered with the first stage that differs.
 */
#include <expclip_tools.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options/model_settings.h"
#include "runs/doctor_machine.h"
#include "terminal/memory.h"
#include "views/json_line.h"
#include "views/page.h"

typedef struct doctor_settings {
    int32_t json;
} doctor_settings;

static const doctor_settings defaults = { 0 };

static const command_option options[] = {
    OPT_HEADING("Results"),
    OPT_RESULTS(doctor_settings, json, "json",
                "Print one JSON object per line."),
    OPT_END,
};

enum {
    /* The images are a formula: see draw(). One must be resized, for the
     * pixels; the other is of the demo model's size, so that the stages after
     * the pixels start from equal ones. */
    DOCTOR_WIDTH = 96,
    DOCTOR_HEIGHT = 80,
    DOCTOR_SIDE = 64,
    /* Every so many numbers of the pixels are compared: a prime, so that all
     * rows and columns come up. */
    DOCTOR_PIXEL_STEP = 61
};

/** A way of computing, and how near it must come. */
typedef struct variant {
    const char *name;
    const char *dtype;
    int32_t portable;
    double cosine_min;
    double error_max;  /* of unit vectors */
    double logits_max; /* of logits */
} variant;

/* fp32: the promise of the library. bf16 keeps 8 bits, and the demo model is
 * small: PyTorch's own bf16 gives cosines of 0.9985 on this image and 0.9982
 * on drawn faces. */
static const variant variants[] = {
    { "fp32", "fp32", 0, 0.99999, 1e-4, 1e-3 },
    { "fp32, portable", "fp32", 1, 0.99999, 1e-4, 1e-3 },
    { "bf16", "bf16", 0, 0.997, 5e-2, 1.0 },
};

typedef struct examination {
    int32_t json;
    json_t *golden; /* runs/doctor_vectors.json, written by a script */
    const char *variant;
    size_t n_stages;
    size_t n_wrong;
} examination;

/* ------------------------------------------------------------------------
 * Findings
 */

/**
 * Print one stage: how far from the golden numbers, and how far is allowed.
 * A cosine of NaN means that the stage has none.
 */
static void report(examination *e, const char *stage, double cosine,
                   double cosine_min, double error, double error_max)
{
    /* Written so that NaN is wrong. */
    const int ok =
        error <= error_max && (isnan(cosine_min) || cosine >= cosine_min);
    char text[32] = "";

    e->n_stages++;
    e->n_wrong += !ok;
    if (e->json) {
        json_line_print(json_pack(
            "{s:s, s:s, s:o, s:o, s:f, s:b}", "stage", stage, "variant",
            e->variant, "cosine", json_line_number((float)cosine), "max_error",
            json_line_number((float)error), "allowed", error_max, "ok", ok));
        return;
    }
    if (!isnan(cosine_min))
        snprintf(text, sizeof(text), "%.8f", cosine);
    printf("  %-24s %-15s %-11s %-10.2g %-10.2g %s\n", stage, e->variant, text,
           error, error_max, ok ? "ok" : "WRONG");
}

static void report_failure(examination *e, const char *stage,
                           const expclip_error *err)
{
    e->n_stages++;
    e->n_wrong++;
    if (e->json)
        json_line_print(json_pack("{s:s, s:s, s:s, s:b}", "stage", stage,
                                  "variant", e->variant, "message",
                                  err->message, "ok", 0));
    else
        printf("  %-24s %-15s WRONG: %s\n", stage, e->variant, err->message);
}

static double max_error(const float *a, const float *b, size_t n)
{
    double worst = 0;

    for (size_t i = 0; i < n; i++) {
        const double error = fabs((double)a[i] - (double)b[i]);
        if (!(error <= worst))
            worst = error;
    }
    return worst;
}

static double cosine_of(const float *a, const float *b, size_t n)
{
    double ab = 0, aa = 0, bb = 0;

    for (size_t i = 0; i < n; i++) {
        ab += (double)a[i] * (double)b[i];
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * (double)b[i];
    }
    return ab / sqrt(aa * bb);
}

static void report_vector(examination *e, const variant *v, const char *stage,
                          const float *found, const float *golden, size_t n)
{
    report(e, stage, cosine_of(found, golden, n), v->cosine_min,
           max_error(found, golden, n), v->error_max);
}

/** What a stage must give: float [*n], for free(). */
static float *golden_of(const examination *e, const char *stage, size_t *n)
{
    const json_t *numbers = json_object_get(e->golden, stage);
    float *golden;

    *n = json_array_size(numbers);
    golden = memory_new(*n, sizeof(*golden));
    for (size_t i = 0; i < *n; i++)
        golden[i] = (float)json_number_value(json_array_get(numbers, i));
    return golden;
}

/* ------------------------------------------------------------------------
 * Stages without a model
 */

static int is_tokenized(const expclip_tokenizer *tokenizer,
                        const json_t *golden)
{
    const char *text = json_string_value(json_object_get(golden, "text"));
    const json_t *ids = json_object_get(golden, "ids");
    int32_t found[77];
    expclip_error err;
    size_t n = 0;

    if (expclip_tokenizer_encode(found, 77, &n, NULL, tokenizer, text,
                                 strlen(text), &err) ||
        n != json_array_size(ids))
        return 0;
    for (size_t i = 0; i < n; i++)
        if (found[i] != json_integer_value(json_array_get(ids, i)))
            return 0;
    return 1;
}

static void examine_tokens(examination *e)
{
    const json_t *tokens = json_object_get(e->golden, "tokens");
    expclip_tokenizer *tokenizer = NULL;
    expclip_error err;
    size_t n_wrong = 0;

    e->variant = "";
    if (expclip_tokenizer_create(&tokenizer, 49408, &err)) {
        report_failure(e, "tokens", &err);
        return;
    }
    for (size_t i = 0; i < json_array_size(tokens); i++)
        n_wrong += !is_tokenized(tokenizer, json_array_get(tokens, i));
    expclip_tokenizer_free(tokenizer);
    report(e, "tokens: texts that differ", NAN, NAN, (double)n_wrong, 0);
}

/* ------------------------------------------------------------------------
 * Stages of the model
 */

/** Smooth ramps with a disc, in integers: the same everywhere. */
static void draw(uint8_t *rgb, int width, int height)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const int dx = x - 40;
            const int dy = y - 36;
            const int inside = dx * dx + dy * dy < 900;
            *rgb++ = (uint8_t)(inside ? 230 : x * 2);
            *rgb++ = (uint8_t)(inside ? 180 - y : y * 3);
            *rgb++ = (uint8_t)(inside ? 90 + x : 255 - x - y);
        }
}

static expclip_status add_drawing(expclip_batch *batch, int32_t width,
                                  int32_t height, expclip_error *err)
{
    uint8_t rgb[3 * DOCTOR_WIDTH * DOCTOR_HEIGHT];

    draw(rgb, width, height);
    return expclip_batch_add_pixels(batch, rgb,
                                    3 * (size_t)width * (size_t)height, width,
                                    height, 0, EXPCLIP_PIXELS_RGB, NULL, err);
}

static void examine_pixels(examination *e, const expclip_batch *batch,
                           size_t side)
{
    const size_t n = 3 * side * side;
    size_t n_golden;
    float *golden = golden_of(e, "pixels", &n_golden);
    float *pixels = memory_new(n, sizeof(float));
    expclip_error err;

    if (expclip_batch_copy_pixels(pixels, n, batch, 0, &err)) {
        report_failure(e, "pixels", &err);
    } else {
        for (size_t i = 0; i < n_golden; i++)
            pixels[i] =
                i * DOCTOR_PIXEL_STEP < n ? pixels[i * DOCTOR_PIXEL_STEP] : NAN;
        /* Resizers may round a level apart, rarely two. */
        report(e, "pixels", NAN, NAN, max_error(pixels, golden, n_golden),
               2.0 / 255 + 1e-6);
    }
    free(pixels);
    free(golden);
}

static void examine_image(examination *e, const variant *v,
                          const expclip_model *model,
                          const expclip_batch *batch, int32_t projected)
{
    const char *stage = projected ? "image, after the head" : "image";
    const expclip_embed_options o = { sizeof(o), projected, 1 };
    size_t n;
    float *golden = golden_of(e, projected ? "projected" : "image", &n);
    float *found = memory_new(n, sizeof(float));
    expclip_error err;

    if (expclip_model_embed_images(found, n, model, batch, &o, NULL, &err))
        report_failure(e, stage, &err);
    else
        report_vector(e, v, stage, found, golden, n);
    free(found);
    free(golden);
}

static void examine_text(examination *e, const variant *v,
                         const expclip_model *model)
{
    const expclip_embed_options o = { sizeof(o), 0, 1 };
    const char *text = json_string_value(json_object_get(e->golden, "text"));
    size_t n;
    float *golden = golden_of(e, "text_embedding", &n);
    float *found = memory_new(n, sizeof(float));
    expclip_error err;

    if (expclip_model_embed_texts(found, n, NULL, 0, model, &text, 1, &o, NULL,
                                  &err))
        report_failure(e, "text", &err);
    else
        report_vector(e, v, "text", found, golden, n);
    free(found);
    free(golden);
}

static void examine_scores(examination *e, const variant *v,
                           const expclip_model *model,
                           const expclip_batch *batch)
{
    size_t n;
    float *golden = golden_of(e, "logits", &n);
    float *found = memory_new(n, sizeof(float));
    expclip_prompts *prompts = NULL;
    expclip_classes *classes = NULL;
    expclip_error err;

    if (expclip_prompts_builtin(&prompts, "type2", (int32_t)n, &err) ||
        expclip_classes_create(&classes, model, prompts, NULL, NULL, &err) ||
        expclip_model_score_images(found, n, model, classes, batch, NULL, &err))
        report_failure(e, "scores", &err);
    else
        report(e, "scores: logits", NAN, NAN, max_error(found, golden, n),
               v->logits_max);
    expclip_classes_free(classes);
    expclip_prompts_free(prompts);
    free(found);
    free(golden);
}

static void examine_variant(examination *e, const variant *v)
{
    expclip_load_options o = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_model *model = NULL;
    expclip_batch *resized = NULL;
    expclip_batch *exact = NULL;
    expclip_error err;

    e->variant = v->name;
    o.dtype = v->dtype;
    o.portable = v->portable;
    if (expclip_model_load(&model, "demo", &o, &err) ||
        expclip_batch_create(&resized, model, &err) ||
        expclip_batch_create(&exact, model, &err) ||
        add_drawing(resized, DOCTOR_WIDTH, DOCTOR_HEIGHT, &err) ||
        add_drawing(exact, DOCTOR_SIDE, DOCTOR_SIDE, &err)) {
        report_failure(e, "demo model", &err);
    } else {
        examine_pixels(e, resized, (size_t)expclip_model_image_size(model));
        examine_image(e, v, model, exact, 0);
        examine_image(e, v, model, exact, 1);
        examine_text(e, v, model);
        examine_scores(e, v, model, exact);
    }
    expclip_batch_free(resized);
    expclip_batch_free(exact);
    expclip_model_free(model);
}

/* ------------------------------------------------------------------------
 * The command
 */

static void print_verdict(const examination *e)
{
    if (e->n_wrong)
        printf("\n%zu of %zu stages are WRONG. The first one is the cause of"
               " those after it;\nplease report it with this text.\n",
               e->n_wrong, e->n_stages);
    else
        printf("\nAll %zu stages agree with the reference on this machine.\n",
               e->n_stages);
}

static void print_verdict_json(const examination *e)
{
    json_line_print(
        json_pack("{s:s, s:o?, s:o?, s:I, s:I, s:b}", "version",
                  expclip_library_version(), "build",
                  json_loads(expclip_library_build_info(), 0, NULL), "runtime",
                  json_loads(expclip_library_runtime_info(), 0, NULL), "stages",
                  (json_int_t)e->n_stages, "wrong", (json_int_t)e->n_wrong,
                  "ok", e->n_wrong == 0));
}

static int doctor(const void *settings, int n_operands, char **operands)
{
    const doctor_settings *s = settings;
    examination e = { .json = s->json,
                      .golden = json_loads(doctor_vectors_json, 0, NULL) };

    (void)n_operands;
    (void)operands;
    if (!e.json) {
        doctor_print_cpu();
        printf("\n  %-24s %-15s %-11s %-10s %-10s\n", "stage", "way", "cosine",
               "max error", "allowed");
    }
    examine_tokens(&e);
    for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
        examine_variant(&e, &variants[i]);
    if (e.json) {
        print_verdict_json(&e);
    } else {
        doctor_print_library();
        print_verdict(&e);
    }
    json_decref(e.golden);
    return e.n_wrong ? EXIT_SOME_FAILED : EXIT_DONE;
}

const command doctor_command = {
    "doctor",
    "",
    "Check that this machine computes what the reference does.",
    "The command computes each stage of the demo model, from tokens to scores, "
    "in each way that the library has, and compares the results with golden "
    "vectors of the reference software. It also prints how the library was "
    "built. The exit code is 1 when a stage differs.",
    options,
    &defaults,
    sizeof(defaults),
    doctor,
};
