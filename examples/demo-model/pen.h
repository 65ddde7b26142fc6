/* SPDX-License-Identifier: MIT */
/*
 * pen.h - drawing in the frame of the face instead of in pixels.
 *
 * In face coordinates x grows to the viewer's right and y down; the middle of
 * the face is 0, 0, the chin is near y = 1 and the top of the head near
 * y = -1.  The head is a shallow dome, so turning it moves the middle of the
 * face more than its rim.
 */
#ifndef PEN_H
#define PEN_H

#include "canvas.h"
#include "face.h"

typedef struct pen {
    canvas *canvas;
    const face *face;
    float unit;         /* pixels for one unit of face coordinates */
    point origin;       /* the middle of the face, in pixels */
    point across, down; /* the face's x and y axes, in pixels */
    float lift;         /* height above the dome: the nose stands out */
    colour skin, shade, line, hair;
} pen;

#define PATH_MAX_POINTS 128

typedef struct path {
    point points[PATH_MAX_POINTS]; /* in pixels */
    int n;
} path;

/** Where a face's own frame, a square, lies on the canvas, in pixels. */
typedef struct frame {
    float x, y, side;
} frame;

pen pen_create(canvas *c, const face *f, frame at);

/** Twelve named colours for clothes, hats and backgrounds. */
colour pen_paint(float kind);

/** Add a point given in face coordinates. */
void path_add(path *p, const pen *on, float x, float y);

/** Add a curve from a over b (halfway) to c. */
void path_add_curve(path *p, const pen *on, point a, point b, point c);

void pen_fill(const pen *on, const path *p, colour ink, float alpha);
void pen_stroke(const pen *on, const path *p, float width, float taper,
                colour ink, float alpha);

/** One curved stroke from a over b to c. */
void pen_curve(const pen *on, point a, point b, point c, float width,
               colour ink, float alpha);

void pen_ellipse(const pen *on, float x, float y, float rx, float ry,
                 colour ink, float alpha);

/** The rim of the head at an angle in turns, clockwise from the top. */
point head_rim(const face *f, float turns);

/** Half the width of the head at height y <= 0. */
float head_half_width(const face *f, float y);

#endif
