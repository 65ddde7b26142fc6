/* SPDX-License-Identifier: MIT */
/*
 * page.h - a page of HTML that needs nothing else: kept as three real files,
 * put together when it is written.
 *
 * The HTML has slots: {{style}}, {{script}}, {{digest}} (the script's, for the
 * page's policy), and {{NAME}} for JSON that the script reads.
 */
#ifndef EXPCLIP_CLI_PAGE_H
#define EXPCLIP_CLI_PAGE_H

#include <jansson.h>
#include <stdio.h>

/* page_bytes.S */
extern const char page_report_html[];
extern const char page_report_style[];
extern const char page_report_script[];
extern const char page_sheet_html[];
extern const char page_sheet_style[];
extern const char page_sheet_script[];
extern const char doctor_vectors_json[];

typedef struct page_files {
    const char *html;
    const char *style;
    const char *script;
} page_files;

/** What stands in the slot of this name. */
typedef struct page_data {
    const char *name;
    const json_t *json;
} page_data;

/**
 * Print HTML up to its end, or up to the first slot that is neither the page's
 * own nor one of `data`.
 *
 * @param html  files->html, or what an earlier call returned
 * @return what follows: the text after that slot, or "" at the end
 */
const char *page_print(FILE *f, const page_files *files, const char *html,
                       const page_data *data, size_t n_data);
/** Print JSON for a <script> element, which nothing in it can close. */
void page_json(FILE *f, const json_t *json);
/** Print bytes for a "data:" address. */
void page_base64(FILE *f, const unsigned char *bytes, size_t size);

#endif
