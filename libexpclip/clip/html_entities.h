/* SPDX-License-Identifier: MIT */
/*
 * html_entities.h - names of HTML characters.
 */
#ifndef EXPCLIP_HTML_ENTITIES_H
#define EXPCLIP_HTML_ENTITIES_H

#define EXPCLIP__N_ENTITIES 3607

typedef struct expclip__html_entity {
    const char *name; /* without "&"; some end in ";", some do not */
    const char *text; /* UTF-8 */
    int only_ftfy;    /* 1 = ftfy decodes it, html.unescape() does not */
} expclip__html_entity;

/** Sorted by name. */
extern const expclip__html_entity expclip__html_entities[EXPCLIP__N_ENTITIES];

#endif
