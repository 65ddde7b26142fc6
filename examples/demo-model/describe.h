/* SPDX-License-Identifier: MIT */
/*
 * describe.h - a face's actions in words: what the language model reads, from
 * whose knowledge the head is learned.
 */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "face.h"

enum { DESCRIPTION_SIZE = 2048 };

/**
 * All actions of a face, objectively, by region; no emotion is named. Actions
 * weaker than 0.3 go unmentioned.
 */
void describe_face(char text[DESCRIPTION_SIZE], const face *f);

/** The same for rows of fields: text [n, DESCRIPTION_SIZE]. */
void describe_batch(const float *fields, int n, char *text);

#endif
