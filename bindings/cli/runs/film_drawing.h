/* SPDX-License-Identifier: MIT */
/*
 * film_drawing.h - `expclip clip --draw`: the film once more, with a box and a
 * label around each face that was followed.
 *
 * The faces are noted while the film is scored; then it is read again, drawn
 * on, and encoded. It has one size, that of the first frame, and one rate, at
 * which each frame is shown at its time. It is silent.
 */
#ifndef EXPCLIP_CLI_FILM_DRAWING_H
#define EXPCLIP_CLI_FILM_DRAWING_H

#include <expclip_clips.h>
#include <expclip_faces.h>

typedef struct film_drawing film_drawing;

/**
 * Check that the file can be made, before any work.
 *
 * @param path  what is written; its ending tells ffmpeg the kind
 * @return 0 or an exit code, reported
 */
int film_drawing_open(film_drawing **out, const char *path);
/** Note a face; NULL logits for a face that is not scored. */
void film_drawing_add(film_drawing *d, int64_t track, double time,
                      const expclip_face *face, const float *logits);
/**
 * Draw the film; in the order of its frames.
 *
 * @param names  [n_classes]
 * @return 0 or an exit code, reported
 */
int film_drawing_write(film_drawing *d, const char *clip,
                       const expclip_frames_options *frames,
                       const expclip_image_options *image);
/** The classes of the logits, before the first face. */
void film_drawing_set_classes(film_drawing *d, const char *const *names,
                              size_t n_classes, float temperature);
void film_drawing_free(film_drawing *d); /* takes NULL */

#endif
