/* SPDX-License-Identifier: MIT */
/*
 * scene.h - several people in one image, as in a photograph of a group.
 */
#ifndef SCENE_H
#define SCENE_H

#include "draw_face.h"

enum { SCENE_MAX_HEADS = 5 };

typedef struct scene {
    int n, width, height;
    face setting; /* its background, light, blur and noise are the scene's */
    head heads[SCENE_MAX_HEADS];      /* from back to front */
    int expressions[SCENE_MAX_HEADS]; /* of each head, see face.h */
} scene;

/** A head without its hair, in pixels: ear to ear and crown to chin. */
typedef struct box {
    float x, y, width, height;
} box;

/**
 * Draw lots for a scene of 2 to 5 heads side by side, near and far.
 *
 * @param[out] out  all fields are written
 * @param index     of the scene; it depends on no other index
 * @param classes   expressions are the first so many of face.h
 * @param width     in pixels, as is height
 */
void scene_sample(scene *out, uint64_t seed, int index, int classes, int width,
                  int height);

/** rgb is [height, width, 3]; returns as draw_heads(). */
int scene_draw(const scene *s, uint8_t *rgb);

/** Where a head truly is; it may reach beyond the image. */
box scene_box(const scene *s, int head_index);

#endif
