/* SPDX-License-Identifier: MIT */
/*
 * face_settings.c - the options that say which faces of an image are looked
 * for, and what is cut out around them.
 */
#include "options/face_settings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/console.h"
#include "terminal/failure.h"
#include "views/outfile.h"

static int read_number(float *out, const char *text, const char **end)
{
    char *behind;
    const double number = strtod(text, &behind);

    if (behind == text || !isfinite(number))
        return 0;
    *out = (float)number;
    *end = behind;
    return 1;
}

int face_margin_parse(expclip_crop_options *out, const char *text)
{
    const char *end;
    float side, up = 0.0f;

    if (!read_number(&side, text, &end) ||
        (*end == ':' && !read_number(&up, end + 1, &end)) || *end ||
        side < 0.5f || side > 4.0f || up < -1.0f || up > 1.0f)
        return 0;
    out->side = side;
    out->up = up;
    return 1;
}

static int read_margin(expclip_crop_options *out, const char *text)
{
    if (face_margin_parse(out, text))
        return 0;
    console_error("--margin: found \"%s\", expected SIDE or SIDE:UP, such as "
                  "1.4:0.1; SIDE from 0.5 to 4, UP from -1 to 1",
                  text);
    return EXIT_USAGE;
}

static int which_of(const char *word)
{
    return strcmp(word, "none") == 0      ? EXPCLIP_FACES_NONE
           : strcmp(word, "all") == 0     ? EXPCLIP_FACES_ALL
           : strcmp(word, "largest") == 0 ? EXPCLIP_FACES_LARGEST
                                          : EXPCLIP_FACES_AUTO;
}

/** Report an option that says nothing where no face is looked for.
 * @return 0 or EXIT_USAGE */
static int check_needless(const face_settings *s)
{
    const expclip_detector_options *d = &s->detector;
    const expclip_detector_options usual = EXPCLIP_DETECTOR_OPTIONS_INIT;
    const char *name = s->margin                         ? "margin"
                       : s->upright                      ? "upright"
                       : d->weights                      ? "detector"
                       : d->turn                         ? "turn"
                       : d->threshold != usual.threshold ? "threshold"
                       : d->smallest != usual.smallest   ? "smallest"
                       : d->long_side != usual.long_side ? "long-side"
                                                         : NULL;

    if (which_of(s->faces) != EXPCLIP_FACES_NONE || !name)
        return 0;
    console_error("--%s says nothing with --faces none: name the faces that "
                  "are looked for, such as --faces largest",
                  name);
    return EXIT_USAGE;
}

int face_framing_read(face_framing *out, const face_settings *s,
                      const char *margin)
{
    expclip_crop_options crop = EXPCLIP_CROP_OPTIONS_INIT;

    *out = (face_framing){ .faces = which_of(s->faces), .upright = s->upright };
    if (check_needless(s) || (margin && read_margin(&crop, margin)))
        return EXIT_USAGE;
    out->side = crop.side;
    out->up = crop.up;
    return 0;
}

void face_framing_apply(expclip_features_options *out,
                        const face_framing *framing)
{
    out->faces = framing->faces;
    out->crop_side = framing->side;
    out->crop_up = framing->up;
    out->upright = framing->upright;
}

static int open_search(face_search *out, const face_settings *s, int is_film)
{
    expclip_detector_options options = s->detector;
    expclip_error err;

    memset(out, 0, sizeof(*out));
    expclip_crop_options_init(&out->crop, sizeof(out->crop));
    expclip_tracker_options_init(&out->tracker, sizeof(out->tracker));
    out->tracker.upper = options.threshold;
    out->tracker.lower = fminf(out->tracker.lower, options.threshold);
    if (is_film)
        options.threshold = out->tracker.lower;
    out->which = which_of(s->faces);
    out->crop.upright = s->upright;
    options.quick = out->which == EXPCLIP_FACES_AUTO;
    if (check_needless(s) || (s->margin && read_margin(&out->crop, s->margin)))
        return EXIT_USAGE;
    outfile_protect(options.weights);
    if (strcmp(s->faces, "none") != 0 &&
        expclip_detector_create(&out->detector, &options, &err))
        return failure_report_as(&err, EXIT_MODEL);
    return 0;
}

int face_search_open(face_search *out, const face_settings *s)
{
    return open_search(out, s, 0);
}

int face_search_open_film(face_search *out, const face_settings *s)
{
    return open_search(out, s, 1);
}

void face_search_close(face_search *search)
{
    expclip_detector_free(search->detector);
    search->detector = NULL;
}
