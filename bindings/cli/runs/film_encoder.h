/* SPDX-License-Identifier: MIT */
/*
 * film_encoder.h - a film from its frames, through the program ffmpeg.
 *
 * The film gets its name only when ffmpeg has ended well and the library can
 * read it to its end; until then it has the temporary name of an outfile.
 */
#ifndef EXPCLIP_CLI_FILM_ENCODER_H
#define EXPCLIP_CLI_FILM_ENCODER_H

#include <stddef.h>
#include <stdint.h>

typedef struct film_encoder film_encoder;

/**
 * Check all that can be checked before any work: ffmpeg, the name and its
 * ending, the place.
 *
 * @return 0 or an exit code, reported
 */
int film_encoder_open(film_encoder **out, const char *path);
/** Start ffmpeg. @return 0 or an exit code, reported */
int film_encoder_start(film_encoder *e, int32_t width, int32_t height,
                       double rate);
/**
 * Add a frame: B, G, R and a byte of nothing for each pixel.
 *
 * @return 0 or an exit code, reported unless stop_wanted()
 */
int film_encoder_add(film_encoder *e, const unsigned char *pixels);
/**
 * Wait for ffmpeg, look at what it left, and give that its name.
 *
 * @return 0 or an exit code, reported unless stop_wanted()
 */
int film_encoder_commit(film_encoder *e);
/** Leave no trace of what has not got its name, and free `e`; takes NULL. */
void film_encoder_free(film_encoder *e);

#endif
