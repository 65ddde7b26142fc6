/* SPDX-License-Identifier: MIT */
/*
 * inspect.c - expclip inspect: what is in a weights file, without loading
 * it: tensors, their types and shapes, metadata, architecture.
 */
#include <expclip_tools.h>
#include <stdlib.h>
#include <string.h>

#include "commands/command.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "views/json_line.h"

typedef struct inspect_settings {
    int32_t json;
} inspect_settings;

static const inspect_settings defaults = { 0 };

static const command_option options[] = {
    OPT_HEADING("Results"),
    OPT_RESULTS(inspect_settings, json, "json", "Print one JSON object."),
    OPT_END,
};

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "?";
}

/** "[512, 768]" for free(), and the product in *n. */
static char *shape_text(const json_t *shape, double *n)
{
    char *text = memory_text("[");

    *n = 1;
    for (size_t i = 0; i < json_array_size(shape); i++) {
        const json_int_t size = json_integer_value(json_array_get(shape, i));
        char *longer =
            memory_text("%s%s%lld", text, i ? ", " : "", (long long)size);
        free(text);
        text = longer;
        *n *= (double)size;
    }
    text = memory_resize(text, strlen(text) + 2, 1);
    return strcat(text, "]");
}

/** Print the members of an object, a line each: text as it is, else JSON. */
static void print_members(const char *title, const json_t *object)
{
    const char *key;
    json_t *value;

    if (!json_object_size(object))
        return;
    printf("\n%s\n", title);
    json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
        char *text = json_is_string(value)
                         ? memory_text("%s", json_string_value(value))
                         : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        fputs("  ", stdout);
        console_print(stdout, key);
        fputs(": ", stdout);
        console_print(stdout, text ? text : "?");
        putchar('\n');
        free(text);
    }
}

static void print_tensors(const json_t *tensors)
{
    size_t width = 0;
    size_t i;
    json_t *tensor;
    double n_numbers = 0;

    json_array_foreach (tensors, i, tensor) {
        const size_t w = console_width(text_of(tensor, "name"));
        width = w > width ? w : width;
    }
    width = width > 60 ? 60 : width;
    json_array_foreach (tensors, i, tensor) {
        double n = 0;
        char *shape = shape_text(json_object_get(tensor, "shape"), &n);
        fputs("  ", stdout);
        console_print_fit(stdout, text_of(tensor, "name"), width);
        printf("  %-5s %s\n", text_of(tensor, "dtype"), shape);
        free(shape);
        n_numbers += n;
    }
    printf("\n%zu tensors, %.2f million numbers\n", json_array_size(tensors),
           n_numbers * 1e-6);
}

static void print_people(const char *path, const json_t *root)
{
    console_print(stdout, path);
    printf(": %s\n", text_of(root, "format"));
    print_members("architecture", json_object_get(root, "architecture"));
    print_members("metadata", json_object_get(root, "metadata"));
    puts("\ntensors");
    print_tensors(json_object_get(root, "tensors"));
}

static int inspect(const void *settings, int n_operands, char **operands)
{
    const inspect_settings *s = settings;
    expclip_string *text = NULL;
    expclip_error err;
    json_t *root;

    if (n_operands != 1) {
        console_error("inspect: expected one file, found %d", n_operands);
        return EXIT_USAGE;
    }
    if (expclip_weights_inspect(&text, operands[0], &err))
        return failure_report_as(&err, EXIT_MODEL);
    if (s->json) {
        puts(expclip_string_data(text));
    } else {
        root = json_loads(expclip_string_data(text), 0, NULL);
        print_people(operands[0], root);
        json_decref(root);
    }
    expclip_string_free(text);
    return EXIT_DONE;
}

const command inspect_command = {
    "inspect",
    "FILE",
    "Show the tensors, metadata and architecture of a weights file.",
    "The command reads only the tables of the file, not the weights.",
    options,
    &defaults,
    sizeof(defaults),
    inspect,
};
