/* SPDX-License-Identifier: MIT */
/*
 * conformance.c - the vectors that every language must reproduce, in C.
 *
 *     conformance vectors.json FACES
 *
 * Prints each case that differs and ends with 1 when there is one.
 */
#include <expclip.h>
#include <expclip_tools.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct vectors {
    json_t *root;
    const char *faces;
    double tolerance;
    expclip_model *model;
    int n_cases;
    int n_wrong;
} vectors;

/* ---- comparing ---- */

static void report(vectors *v, int right, const json_t *item, const char *found)
{
    char *text;

    v->n_cases++;
    if (right)
        return;
    v->n_wrong++;
    text = json_dumps(item, JSON_ENCODE_ANY);
    fprintf(stderr, "%.100s: found %s\n", text, found);
    free(text);
}

static double difference(const json_t *expected, const float *found, size_t n,
                         double factor)
{
    double largest = json_array_size(expected) == n ? 0.0 : INFINITY;

    for (size_t i = 0; i < n && largest < INFINITY; i++)
        largest =
            fmax(largest, fabs(json_number_value(json_array_get(expected, i)) -
                               (double)found[i] * factor));
    return largest;
}

static void report_row(vectors *v, const json_t *item, double off)
{
    char found[60];

    snprintf(found, sizeof(found), "numbers %g apart", off);
    report(v, off <= v->tolerance, item, found);
}

/* ---- inputs ---- */

static const char *text_of(const json_t *item, const char *key)
{
    return json_string_value(json_object_get(item, key));
}

static expclip_status add_image(vectors *v, expclip_batch *batch,
                                const char *file)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s", v->faces, file);
    return expclip_batch_add_file(batch, path, NULL, NULL);
}

static expclip_status add_hexadecimal(expclip_batch *batch, const char *hex)
{
    uint8_t bytes[64];
    const size_t n = strlen(hex) / 2;

    for (size_t i = 0; i < n && i < sizeof(bytes); i++) {
        const char pair[] = { hex[2 * i], hex[2 * i + 1], '\0' };

        bytes[i] = (uint8_t)strtol(pair, NULL, 16);
    }
    return expclip_batch_add_bytes(batch, bytes, n, NULL, NULL);
}

static expclip_status add_names(expclip_prompts *prompts, const json_t *names,
                                const char *wording)
{
    expclip_status status = EXPCLIP_OK;

    for (size_t i = 0; !status && i < json_array_size(names); i++)
        status = expclip_prompts_add_class(
            prompts, json_string_value(json_array_get(names, i)), wording,
            NULL);
    return status;
}

static expclip_status add_prompts(expclip_prompts *prompts, const json_t *named)
{
    expclip_status status = EXPCLIP_OK;

    for (size_t i = 0; i < json_array_size(named); i++) {
        const json_t *pair = json_array_get(named, i);
        const json_t *texts = json_array_get(pair, 1);

        for (size_t j = 0; !status && j < json_array_size(texts); j++)
            status = expclip_prompts_add(
                prompts, json_string_value(json_array_get(pair, 0)),
                json_string_value(json_array_get(texts, j)), NULL);
    }
    return status;
}

static expclip_status make_classes(expclip_classes **out, const vectors *v,
                                   const json_t *item)
{
    const json_t *number = json_object_get(item, "classes");
    const json_t *names = json_object_get(item, "names");
    expclip_prompts *prompts = NULL;
    expclip_status status;

    if (number)
        status =
            expclip_prompts_builtin(&prompts, text_of(item, "prompts"),
                                    (int32_t)json_integer_value(number), NULL);
    else
        status = expclip_prompts_create(&prompts, NULL);
    if (!status && names)
        status = add_names(prompts, names, text_of(item, "prompts"));
    if (!status)
        status = add_prompts(prompts, json_object_get(item, "named_prompts"));
    if (!status)
        status =
            expclip_classes_create(out, v->model, prompts, NULL, NULL, NULL);
    expclip_prompts_free(prompts);
    return status;
}

/* ---- cases ---- */

static void check_tokens(vectors *v, const json_t *item)
{
    const json_t *expected = json_object_get(item, "ids");
    const char *text = text_of(item, "text");
    expclip_tokenizer *tokenizer = NULL;
    int32_t ids[77];
    size_t n = 0;
    int same;

    if (!expclip_tokenizer_create(
            &tokenizer, expclip_model_vocabulary_size(v->model), NULL))
        expclip_tokenizer_encode(ids, 77, &n, NULL, tokenizer, text,
                                 strlen(text), NULL);
    same = n == json_array_size(expected);
    for (size_t i = 0; same && i < n; i++)
        same = ids[i] == json_integer_value(json_array_get(expected, i));
    report(v, same, item, "other ids");
    expclip_tokenizer_free(tokenizer);
}

static void check_text(vectors *v, const json_t *item)
{
    const size_t n = (size_t)expclip_model_projected_dim(v->model);
    const char *text = text_of(item, "text");
    float *found = calloc(n, sizeof(*found));

    expclip_model_embed_texts(found, n, NULL, 0, v->model, &text, 1, NULL, NULL,
                              NULL);
    report_row(v, item,
               difference(json_object_get(item, "embedding"), found, n, 1.0));
    free(found);
}

static void check_image(vectors *v, const json_t *item)
{
    const size_t n = (size_t)expclip_model_projected_dim(v->model);
    float *found = calloc(n, sizeof(*found));
    expclip_batch *batch = NULL;

    if (!expclip_batch_create(&batch, v->model, NULL) &&
        !add_image(v, batch, text_of(item, "file")))
        expclip_model_embed_images(found, n, v->model, batch, NULL, NULL, NULL);
    report_row(v, item,
               difference(json_object_get(item, "embedding"), found, n, 1.0));
    expclip_batch_free(batch);
    free(found);
}

static void compare_scores(vectors *v, const json_t *item,
                           const expclip_classes *classes, const float *logits)
{
    const json_t *labels = json_object_get(item, "labels");
    const json_t *cosines = json_object_get(item, "cosines");
    const size_t c = expclip_classes_count(classes);
    const double factor = 1.0 / (double)expclip_model_logit_scale(v->model);

    for (size_t i = 0; i < json_array_size(labels); i++) {
        const char *label = expclip_classes_name(
            classes, expclip_logits_argmax(logits + i * c, c));

        report_row(
            v, item,
            difference(json_array_get(cosines, i), logits + i * c, c, factor));
        report(v,
               label && strcmp(label, json_string_value(
                                          json_array_get(labels, i))) == 0,
               item, label ? label : "no label");
    }
}

static void check_score(vectors *v, const json_t *item)
{
    const json_t *images = json_object_get(v->root, "images");
    expclip_classes *classes = NULL;
    expclip_batch *batch = NULL;
    float logits[3 * 16];

    if (make_classes(&classes, v, item) ||
        expclip_batch_create(&batch, v->model, NULL))
        report(v, 0, item, "an error");
    for (size_t i = 0; batch && i < json_array_size(images); i++)
        add_image(v, batch, text_of(json_array_get(images, i), "file"));
    if (batch &&
        expclip_model_score_images(
            logits, expclip_batch_count(batch) * expclip_classes_count(classes),
            v->model, classes, batch, NULL, NULL) == EXPCLIP_OK)
        compare_scores(v, item, classes, logits);
    else
        report(v, 0, item, "an error");
    expclip_batch_free(batch);
    expclip_classes_free(classes);
}

static expclip_status call(vectors *v, const json_t *item)
{
    const char *name = text_of(item, "call");
    expclip_batch *batch = NULL;
    expclip_status status;

    if (strcmp(name, "load") == 0) {
        expclip_model *model = NULL;

        return expclip_model_load(&model, text_of(item, "path"), NULL, NULL);
    }
    if (strcmp(name, "classes") == 0) {
        expclip_classes *classes = NULL;

        return make_classes(&classes, v, item);
    }
    status = expclip_batch_create(&batch, v->model, NULL);
    if (!status)
        status = json_object_get(item, "file")
                     ? add_image(v, batch, text_of(item, "file"))
                     : add_hexadecimal(batch, text_of(item, "bytes"));
    expclip_batch_free(batch);
    return status;
}

static void check_error(vectors *v, const json_t *item)
{
    const char *found = expclip_status_name(call(v, item));

    report(v, strcmp(found, text_of(item, "status")) == 0, item, found);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *key;
        void (*check)(vectors *v, const json_t *item);
    } kinds[] = {
        { "tokens", check_tokens }, { "texts", check_text },
        { "images", check_image },  { "scores", check_score },
        { "errors", check_error },
    };
    vectors v = { 0 };
    expclip_error err = { 0, "" };

    if (argc != 3 || !(v.root = json_load_file(argv[1], 0, NULL)) ||
        expclip_model_load(&v.model, text_of(v.root, "model"), NULL, &err)) {
        fprintf(stderr, "usage: conformance vectors.json FACES %s\n",
                err.message);
        return EXIT_FAILURE;
    }
    v.faces = argv[2];
    v.tolerance = json_number_value(json_object_get(v.root, "tolerance"));
    report(&v,
           strcmp(text_of(v.root, "fingerprint"),
                  expclip_model_fingerprint(v.model)) == 0,
           v.root, expclip_model_fingerprint(v.model));
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        const json_t *items = json_object_get(v.root, kinds[k].key);

        for (size_t i = 0; i < json_array_size(items); i++)
            kinds[k].check(&v, json_array_get(items, i));
    }
    printf("%d cases, %d wrong\n", v.n_cases, v.n_wrong);
    expclip_model_free(v.model);
    json_decref(v.root);
    return v.n_wrong || v.n_cases < 40 ? EXIT_FAILURE : EXIT_SUCCESS;
}
