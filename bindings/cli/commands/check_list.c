/* SPDX-License-Identifier: MIT */
/*
 * check_list.c - expclip check-list: datasets held against their files and
 * against what is published, before anything is computed.
 */
#include <expclip_eval.h>
#include <stdlib.h>
#include <string.h>

#include "options/data_settings.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/stop.h"
#include "views/json_line.h"

typedef struct check_list_settings {
    data_settings data;
    int32_t json;
} check_list_settings;

static const check_list_settings defaults = { .data = DATA_SETTINGS_DEFAULT };

static const command_option options[] = {
    OPT_HEADING("Results"),
    OPT_RESULTS(check_list_settings, json, "json",
                "Print one JSON object per dataset: dataset, n, n_classes, "
                "n_folds, folds, findings and counts."),
    DATA_OPTIONS(check_list_settings, data),
    OPT_END,
};

enum {
    MAX_SHOWN = 10,  /* findings of a kind */
    NUMBER_WIDTH = 8 /* of a column of counts */
};

/* ------------------------------------------------------------------------
 * For people
 */

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static long long number_of(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

/** Columns of the longest class name, and of the words beside them. */
static size_t name_width(const json_t *classes)
{
    size_t width = strlen("published");
    const char *name;
    json_t *n;

    json_object_foreach ((json_t *)(uintptr_t)classes, name, n) {
        const size_t w = console_width(name);
        width = w > width ? w : width;
    }
    return width > 40 ? 40 : width;
}

static void print_row(const char *name, size_t width, const json_t *folds,
                      const char *key, int of_classes)
{
    size_t i;
    json_t *fold;

    fputs("  ", stdout);
    console_print_fit(stdout, name, width);
    json_array_foreach (folds, i, fold) {
        const json_t *from =
            of_classes ? json_object_get(fold, "classes") : fold;
        const json_t *n = json_object_get(from, key);

        if (json_is_integer(n))
            printf("%*lld", NUMBER_WIDTH, (long long)json_integer_value(n));
        else
            printf("%*s", NUMBER_WIDTH, "-");
    }
    putchar('\n');
}

/** A column a fold, a row per class. */
static void print_counts(const json_t *root)
{
    const json_t *folds = json_object_get(root, "folds");
    const json_t *classes =
        json_object_get(json_array_get(folds, 0), "classes");
    const size_t width = name_width(classes);
    const char *name;
    json_t *n;

    printf("%s: %lld items, %lld classes, %lld fold%s\n",
           text_of(root, "dataset"), number_of(root, "n"),
           number_of(root, "n_classes"), number_of(root, "n_folds"),
           number_of(root, "n_folds") == 1 ? "" : "s");
    if (json_array_size(folds) > 1) {
        printf("  %-*s", (int)width, "fold");
        for (size_t i = 0; i < json_array_size(folds); i++)
            printf("%*zu", NUMBER_WIDTH, i + 1);
        putchar('\n');
    }
    json_object_foreach ((json_t *)(uintptr_t)classes, name, n)
        print_row(name, width, folds, name, 1);
    print_row("all", width, folds, "n", 0);
    print_row("published", width, folds, "expected", 0);
}

static void print_finding(const json_t *finding)
{
    const char *path = text_of(finding, "path");
    const char *list = text_of(finding, "list");

    fputs("  ", stdout);
    if (path) {
        console_print(stdout, path);
        fputs(": ", stdout);
    }
    console_print(stdout, text_of(finding, "message"));
    /* A skipped line's message says where it is. */
    if (path && list) {
        fputs(" (", stdout);
        console_print(stdout, list);
        printf(", line %lld)", number_of(finding, "line"));
    }
    putchar('\n');
}

/** The first findings of a kind, and how many there are. */
static void print_kind(const json_t *root, const char *kind, long long n)
{
    const json_t *findings = json_object_get(root, "findings");
    long long shown = 0;
    size_t i;
    json_t *finding;

    json_array_foreach (findings, i, finding) {
        if (strcmp(text_of(finding, "kind"), kind) != 0)
            continue;
        if (shown == 0)
            printf("\n%s (%s): %lld\n", kind, text_of(finding, "severity"), n);
        if (shown++ == MAX_SHOWN)
            break;
        print_finding(finding);
    }
    if (n > MAX_SHOWN)
        printf("  and %lld more; --json lists up to 1000\n", n - MAX_SHOWN);
}

static void print_people(const json_t *root)
{
    const char *kind;
    json_t *n;

    print_counts(root);
    json_object_foreach (json_object_get(root, "counts"), kind, n)
        if (json_integer_value(n))
            print_kind(root, kind, (long long)json_integer_value(n));
    putchar('\n');
}

/* ------------------------------------------------------------------------
 * One dataset
 */

static int has_error(const json_t *root)
{
    size_t i;
    json_t *finding;

    json_array_foreach (json_object_get(root, "findings"), i, finding)
        if (strcmp(text_of(finding, "severity"), "error") == 0)
            return 1;
    return 0;
}

static int show(const expclip_string *text, int32_t json)
{
    json_t *root = json_loads(expclip_string_data(text), 0, NULL);
    int rc;

    if (!root) {
        console_error("out of memory");
        return EXIT_RESOURCES;
    }
    rc = has_error(root) ? EXIT_SOME_FAILED : EXIT_DONE;
    if (json)
        puts(expclip_string_data(text));
    else
        print_people(root);
    json_decref(root);
    return console_flush() ? EXIT_RESOURCES : rc;
}

static int check_one(const char *spec, const check_list_settings *s)
{
    expclip_dataset *dataset = NULL;
    expclip_string *text = NULL;
    expclip_error err;
    int rc = data_settings_open(&dataset, spec, &s->data);

    if (rc)
        return rc;
    rc = expclip_dataset_check(&text, dataset, stop_token(), &err)
             ? failure_report(&err)
             : show(text, s->json);
    expclip_string_free(text);
    expclip_dataset_free(dataset);
    return rc;
}

static int check_list(const void *settings, int n_operands, char **operands)
{
    int worst = EXIT_DONE;

    if (n_operands == 0) {
        console_error("check-list: no dataset named, expected"
                      " NAME=PATH[,LIST]...");
        return EXIT_USAGE;
    }
    for (int i = 0; i < n_operands && worst <= EXIT_SOME_FAILED; i++) {
        const int rc = check_one(operands[i], settings);
        worst = rc > worst ? rc : worst;
    }
    return worst;
}

const command check_list_command = {
    "check-list",
    "NAME=PATH[,LIST]...",
    "Check datasets for missing, duplicate and misread files.",
    "NAME is RAFDB, AffectNet7, AffectNet8, FERPlus, FER2013, DFEW, FERV39k, "
    "MAFW, AFEW, CAER-S or CKPlus, and PATH its folder as published. Or NAME "
    "is folder, and PATH has one folder per class, named after it. Or NAME is "
    "list, and PATH a file with lines \"path frames label\", where the labels "
    "are in the class order of the paper and 0 frames mean an image. LISTs of "
    "such lines, one per fold, replace the dataset's own; relative paths in "
    "them start from PATH. A PATH that has commas is taken as a whole when it "
    "exists.\n\nThe command reports missing files and frames, classes without "
    "items, and numbers of items that differ from the published ones. It "
    "reports items that occur twice in one fold, or in two folds. It also "
    "reports clips with more frames than their list says, clips of at most 16 "
    "frames, and frames whose order by bytes is not the order of their "
    "numbers. Finally it reports lines, files and folders that were left out, "
    "and names of folders that were read as classes. The exit code is 1 when "
    "one of the findings is an error.",
    options,
    &defaults,
    sizeof(defaults),
    check_list,
};
