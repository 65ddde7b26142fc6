/* SPDX-License-Identifier: MIT */
/*
 * canvas.h - an image of float RGB pixels and the one shape put on it.
 *
 * Everything in a face is a filled polygon: a stroke is a ribbon of polygon
 * around its centre line.  Only + - * / and sqrt are used, which IEEE 754
 * rounds exactly, so an image is the same on every machine as long as the
 * compiler does not contract a * b + c (see CMakeLists.txt).
 */
#ifndef CANVAS_H
#define CANVAS_H

#include <stdint.h>

#define CANVAS_MAX_SIZE 1024

typedef struct point {
    float x, y;
} point;

typedef struct colour {
    float r, g, b;
} colour;

typedef struct canvas {
    int width, height; /* in pixels, at most CANVAS_MAX_SIZE */
    float *pixels;     /* [height, width, 3], 0 to 1 */
} canvas;

/** Sine of an angle given in turns; libm's differs between machines. */
float sine(float turns);

/** a where t = 0, b where t = 1. */
float mix(float a, float b, float t);
colour mix_colour(colour a, colour b, float t);
float clamp(float value, float low, float high);

/** A hash of two numbers, for seeds and for grain. */
uint64_t hash_pair(uint64_t a, uint64_t b);

/**
 * Blend a colour into the inside of a closed polygon (non-zero winding).
 *
 * @param points  corners in pixels; at most 256
 * @param alpha   0 leaves the image, 1 covers it
 */
void canvas_fill(canvas *c, const point *points, int n, colour ink,
                 float alpha);

/**
 * Draw a line of changing width through points, in pixels.
 *
 * @param points  at most 64
 * @param width   width at the middle; the ends have `taper` times as much
 */
void canvas_stroke(canvas *c, const point *points, int n, float width,
                   float taper, colour ink, float alpha);

/** Mix each pixel with the mean of its (2 radius + 1)^2 neighbours. */
void canvas_blur(canvas *c, int radius);

/** Write the pixels as 8-bit RGB. */
void canvas_store(const canvas *c, uint8_t *rgb);

#endif
