/* SPDX-License-Identifier: MIT */
/*
 * write_scenes.h - scenes as files: PNG images, and what is in them.
 */
#ifndef WRITE_SCENES_H
#define WRITE_SCENES_H

#include <stdint.h>

/**
 * Write FOLDER/scene_1.png ... and FOLDER/heads.jsonl, a line for each head:
 *
 *   {"path":"scene_1.png","face":0,"faces":3,"label":"anger",
 *    "box":[x,y,width,height],"frame":[x,y,side]}
 *
 * @param rgb  room for an image, [height, width, 3] bytes
 * @return 0, or -1 after a message on stderr
 */
int write_scenes(const char *folder, uint64_t seed, int n, int classes,
                 int width, int height, uint8_t *rgb);

#endif
