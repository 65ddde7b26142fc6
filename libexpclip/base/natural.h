/* SPDX-License-Identifier: MIT */
/*
 * natural.h - names in the order in which people count: 2 before 10.
 */
#ifndef EXPCLIP_BASE_NATURAL_H
#define EXPCLIP_BASE_NATURAL_H

/**
 * Compare as strcmp(), but runs of digits as numbers of any length; bytes
 * decide when all else is equal ("01" before "1").
 */
int expclip__natural_compare(const char *a, const char *b);

#endif
