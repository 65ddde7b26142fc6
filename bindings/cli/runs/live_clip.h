/* SPDX-License-Identifier: MIT */
/*
 * live_clip.h - `expclip clip --raw`: the faces of frames as they come on
 * stdin, a line for each.
 */
#ifndef EXPCLIP_CLI_LIVE_CLIP_H
#define EXPCLIP_CLI_LIVE_CLIP_H

#include "inputs/raw_frames.h"
#include "options/face_settings.h"
#include "runs/scoring.h"

/** @return 0 or an exit code, reported */
int live_clip_run(scoring *run, const face_search *search,
                  const raw_format *format);

#endif
