/* SPDX-License-Identifier: MIT */
/*
 * face_settings.h - the options that say which faces of an image are looked
 * for, and what is cut out around them.
 */
#ifndef EXPCLIP_CLI_FACE_SETTINGS_H
#define EXPCLIP_CLI_FACE_SETTINGS_H

#include <expclip_faces.h>
#include <expclip_rows.h>

#include "commands/command.h"

typedef struct face_settings {
    const char *faces;
    const char *margin; /* NULL = the model's */
    int32_t upright;
    expclip_detector_options detector;
} face_settings;

#define FACE_SETTINGS_DEFAULT(which)                                           \
    {                                                                          \
        which, NULL, 0, EXPCLIP_DETECTOR_OPTIONS_INIT                          \
    }

/* How faces are found, for commands of every kind. */
#define DETECTOR_OPTIONS(type, f)                                              \
    OPT_REAL(type, f.detector.threshold, "threshold", 0, 1,                    \
             "The least score of a face; a lower one finds more, and more "    \
             "that are none."),                                                \
        OPT_INT(type, f.detector.smallest, "smallest", 1, 1000000,             \
                "The least height of a face in pixels of the image."),         \
        OPT_INT(type, f.detector.long_side, "long-side", 32, 8192,             \
                "Larger images are shrunk to this many pixels for the "        \
                "search, and looked at again at twice the size when no face "  \
                "is found."),                                                  \
        OPT_FLAG(type, f.detector.turn, "turn", 0,                             \
                 "Also turn images by 90, 180 and 270 degrees when no face "   \
                 "is found."),                                                 \
        OPT_TEXT(type, f.detector.weights, "detector", 0, "FILE",              \
                 "Other weights of the detector, YuNet, as safetensors.")

#define CROP_OF_MODEL "Without it the model's file says it, otherwise 1.4:0."

/* `otherwise` is what holds without it. */
#define CROP_OPTIONS(type, f, values, otherwise)                               \
    OPT_TEXT(type, f.margin, "margin", 0, values,                              \
             "What is cut out around a face: a square whose side is SIDE "     \
             "heights of the face's box and whose centre lies UP heights "     \
             "above the box's. " otherwise),                                   \
        OPT_FLAG(type, f.upright, "upright", 0,                                \
                 "Turn each face so that the eyes are level, when they are "   \
                 "tilted by more than 15 degrees.")

#define FACE_OPTIONS(type, f)                                                  \
    OPT_HEADING("Faces"),                                                      \
        OPT_CHOICE(                                                            \
            type, f.faces, "faces", "none|largest|all|auto",                   \
            "Which faces are looked for and cut out. all takes each face, "    \
            "largest the one with the largest box, auto as well, but an "      \
            "image that is one close face is taken whole. An image without "   \
            "a face fails. none takes every image whole, as a face that is "   \
            "cut out already. An image with a box is taken by its box."),      \
        CROP_OPTIONS(type, f, "SIDE[:UP]", CROP_OF_MODEL),                     \
        DETECTOR_OPTIONS(type, f)

/* Where each item of a dataset has one row. */
#define ROW_FACE_OPTIONS(type, f, framings)                                    \
    OPT_HEADING("Faces"),                                                      \
        OPT_CHOICE(                                                            \
            type, f.faces, "faces", "none|largest|auto",                       \
            "Which face of each image or frame is looked for and cut out. "    \
            "largest takes the one with the largest box, auto as well, but "   \
            "an image that is one close face is taken whole. An image "        \
            "without a face fails. none takes images whole, as datasets of "   \
            "faces need it. Items with a box are taken by their box."),        \
        CROP_OPTIONS(type, f, "SIDE[:UP]" framings, CROP_OF_MODEL)

/** How the faces of items are cut out, for their features. */
typedef struct face_framing {
    int32_t faces; /* EXPCLIP_FACES_NONE, LARGEST or AUTO */
    float side;    /* 0 = the model's */
    float up;
    int32_t upright;
} face_framing;

/** Read one framing, `margin` "SIDE[:UP]" or NULL. @return 0 or EXIT_USAGE */
int face_framing_read(face_framing *out, const face_settings *s,
                      const char *margin);

void face_framing_apply(expclip_features_options *out,
                        const face_framing *framing);

/** Which faces of images, in the terms of the library. */
typedef struct face_search {
    expclip_detector *detector; /* NULL = every image is taken whole */
    int32_t which;              /* EXPCLIP_FACES_... */
    expclip_crop_options crop;
    expclip_tracker_options tracker; /* for films */
} face_search;

/** Read "SIDE[:UP]". @return 1, or 0 when it is none */
int face_margin_parse(expclip_crop_options *out, const char *text);

/**
 * Translate, and make the detector. The search is for face_search_close() also
 * after a failure.
 *
 * @return 0 or an exit code, reported
 */
int face_search_open(face_search *out, const face_settings *s);
/** The same for films: less certain faces are found as well, since they
 * continue a track. */
int face_search_open_film(face_search *out, const face_settings *s);
void face_search_close(face_search *search);

#endif
