/* SPDX-License-Identifier: MIT */
/*
 * html_entities.h - the names of HTML 5's character references.
 */
#ifndef EXPCLIP_HTML_ENTITIES_H
#define EXPCLIP_HTML_ENTITIES_H

#include <stddef.h>
#include <stdint.h>

#define EXPCLIP__ENTITY_CODES 3

typedef struct expclip__entity {
    const char *name;                     /* without "&" and ";" */
    int32_t codes[EXPCLIP__ENTITY_CODES]; /* 0 after the last */
    uint8_t bare;                         /* HTML reads it without ";" too */
    uint8_t capitals; /* no name of HTML's; ftfy reads it as one in capitals */
} expclip__entity;

/** In the order of strcmp(). */
extern const expclip__entity expclip__entities[];
extern const size_t expclip__n_entities;

/** What U+0080..U+009F mean to a browser: Windows-1252. */
extern const int32_t expclip__windows_1252[32];

#endif
