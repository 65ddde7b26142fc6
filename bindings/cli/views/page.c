/* SPDX-License-Identifier: MIT */
/*
 * page.c - a page of HTML, put together from its files and its data.
 */
#define _GNU_SOURCE
#include "views/page.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/digest.h"

enum { SHA256_SIZE = 32 };

void page_base64(FILE *f, const unsigned char *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < size; i += 3) {
        const size_t n = size - i < 3 ? size - i : 3;
        const uint32_t group = (uint32_t)bytes[i] << 16 |
                               (n > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                               (n > 2 ? bytes[i + 2] : 0U);
        fputc(digits[group >> 18 & 63], f);
        fputc(digits[group >> 12 & 63], f);
        fputc(n > 1 ? digits[group >> 6 & 63] : '=', f);
        fputc(n > 2 ? digits[group & 63] : '=', f);
    }
}

/** The digest of the script, by which a browser knows that it is ours. */
static void print_digest(FILE *f, const char *script)
{
    FILE *stream = fmemopen((void *)(uintptr_t)script, strlen(script), "r");
    char hex[DIGEST_HEX_SIZE];
    unsigned char bytes[SHA256_SIZE];

    if (!stream)
        return;
    if (digest_file(hex, DIGEST_SHA256, stream) == 0) {
        for (size_t i = 0; i < SHA256_SIZE; i++) {
            const char digits[] = { hex[2 * i], hex[2 * i + 1], '\0' };
            bytes[i] = (unsigned char)strtoul(digits, NULL, 16);
        }
        page_base64(f, bytes, sizeof(bytes));
    }
    fclose(stream);
}

/** In JSON, "<" stands in texts only, where it has another spelling. */
static int print_escaped(const char *text, size_t size, void *data)
{
    FILE *f = data;

    for (size_t i = 0; i < size; i++)
        if (text[i] == '<')
            fputs("\\u003c", f);
        else
            fputc(text[i], f);
    return 0;
}

void page_json(FILE *f, const json_t *json)
{
    json_dump_callback(json, print_escaped, f,
                       JSON_COMPACT | JSON_ENCODE_ANY |
                           JSON_REAL_PRECISION(17));
}

/** @return whether the slot is known */
static int print_slot(FILE *f, const page_files *files, const char *name,
                      size_t size, const page_data *data, size_t n_data)
{
    static const char *const own[] = { "style", "script", "digest" };
    size_t kind = 0;

    while (kind < 3 &&
           (strlen(own[kind]) != size || memcmp(own[kind], name, size) != 0))
        kind++;
    if (kind < 2)
        fputs(kind ? files->script : files->style, f);
    if (kind == 2)
        print_digest(f, files->script);
    for (size_t i = 0; i < n_data && kind == 3; i++)
        if (strlen(data[i].name) == size &&
            memcmp(data[i].name, name, size) == 0) {
            page_json(f, data[i].json);
            return 1;
        }
    return kind < 3;
}

const char *page_print(FILE *f, const page_files *files, const char *html,
                       const page_data *data, size_t n_data)
{
    const char *slot;
    const char *end;

    while ((slot = strstr(html, "{{")) && (end = strstr(slot, "}}"))) {
        const size_t size = (size_t)(end - slot) - 2;

        fwrite(html, 1, (size_t)(slot - html), f);
        html = end + 2;
        if (!print_slot(f, files, slot + 2, size, data, n_data))
            return html;
    }
    fputs(html, f);
    return "";
}
