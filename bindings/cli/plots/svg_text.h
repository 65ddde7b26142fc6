/* SPDX-License-Identifier: MIT */
/*
 * svg_text.h - cairo's SVG, made short and fit to stand beside others.
 */
#ifndef EXPCLIP_CLI_SVG_TEXT_H
#define EXPCLIP_CLI_SVG_TEXT_H

#include <jansson.h>
#include <stdio.h>

/**
 * Print cairo's SVG with two decimals and without what is anyhow so.
 *
 * @param title   what the element is called
 * @param glyphs  NULL = a file. Else from the element on, to stand in a page;
 *                the outlines of its glyphs are left out and added to this
 *                object, {path data: number}; what is written is an element
 *                with the attribute data-glyphs="number,x,y ..."
 */
void svg_print(FILE *f, const char *svg, const char *title, json_t *glyphs);

#endif
