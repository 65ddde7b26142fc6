/* SPDX-License-Identifier: MIT */
/*
 * ffmpeg_pixels.c - from a decoded frame to RGB, and which way up it is.
 */
#ifdef EXPCLIP_HAVE_FFMPEG

#include "video/ffmpeg_pixels.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

#define ROW_ALIGNMENT 64 /* swscale writes whole vectors */

/* ---- rotation ---- */

/*
 * The display matrix sends a stored pixel (x, y) to (a x + c y, b x + d y);
 * quarter turns and mirrors are EXIF's eight orientations. Others, which
 * nothing writes, are left alone.
 */
static int orientation_of(const int32_t *m)
{
    /* [swapped][first sign][second sign]: of a and d, or of b and c */
    static const int table[2][2][2] = { { { 1, 4 }, { 2, 3 } },
                                        { { 5, 6 }, { 8, 7 } } };
    const int64_t straight = llabs((long long)m[0]) + llabs((long long)m[4]);
    const int64_t swapped = llabs((long long)m[1]) + llabs((long long)m[3]);

    if (straight > 32 * swapped)
        return table[0][m[0] < 0][m[4] < 0];
    if (swapped > 32 * straight)
        return table[1][m[1] < 0][m[3] < 0];
    return 1;
}

static const uint8_t *find_matrix(const expclip__ffmpeg *ff, const AVStream *s,
                                  size_t *size)
{
#if LIBAVFORMAT_VERSION_MAJOR < 61
    return ff->av_stream_get_side_data(s, AV_PKT_DATA_DISPLAYMATRIX, size);
#else
    (void)ff;
    for (int i = 0; i < s->codecpar->nb_coded_side_data; i++)
        if (s->codecpar->coded_side_data[i].type == AV_PKT_DATA_DISPLAYMATRIX) {
            *size = s->codecpar->coded_side_data[i].size;
            return s->codecpar->coded_side_data[i].data;
        }
    return NULL;
#endif
}

int expclip__stream_orientation(const expclip__ffmpeg *ff,
                                const AVStream *stream)
{
    int32_t m[9];
    size_t size = 0;
    const uint8_t *matrix = find_matrix(ff, stream, &size);

    if (!matrix || size < sizeof(m))
        return 1;
    memcpy(m, matrix, sizeof(m));
    return orientation_of(m);
}

/* ---- pixels ---- */

/* The frame's own matrix and range; where it names none, swscale's default,
 * which is BT.601 at any size, as in the program ffmpeg. */
static expclip_status prepare_sws(expclip__converter *c, const AVFrame *f,
                                  expclip_error *err)
{
    const int form[5] = { f->width, f->height, f->format, (int)f->colorspace,
                          f->color_range == AVCOL_RANGE_JPEG };
    const int *matrix;

    if (c->sws && memcmp(form, c->sws_form, sizeof(form)) == 0)
        return EXPCLIP_OK;
    c->sws = c->ff->sws_getCachedContext(
        c->sws, f->width, f->height, (enum AVPixelFormat)f->format, f->width,
        f->height, AV_PIX_FMT_RGB24, SWS_BICUBIC, NULL, NULL, NULL);
    if (!c->sws)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: pixels of FFmpeg's format %d", c->path,
                             f->format);
    matrix = c->ff->sws_getCoefficients((int)f->colorspace);
    c->ff->sws_setColorspaceDetails(c->sws, matrix, form[4],
                                    c->ff->sws_getCoefficients(SWS_CS_DEFAULT),
                                    0, 0, 1 << 16, 1 << 16);
    memcpy(c->sws_form, form, sizeof(form));
    return EXPCLIP_OK;
}

/* swscale writes aligned rows, which then move up to be without gaps: an image
 * as large as a video allows is not in memory twice. */
expclip_status expclip__converter_run(expclip__image *out,
                                      expclip__converter *c, const AVFrame *f,
                                      expclip_error *err)
{
    const int width = f->width, height = f->height;
    const size_t row = (size_t)width * 3;
    const size_t stride =
        (row + ROW_ALIGNMENT - 1) / ROW_ALIGNMENT * ROW_ALIGNMENT;
    const int strides[4] = { (int)stride };
    uint8_t *rows[4] = { NULL };
    uint8_t *rgb;
    expclip_status status = prepare_sws(c, f, err);

    if (status)
        return status;
    rgb = expclip__alloc(((size_t)height + 1) * stride + ROW_ALIGNMENT, 1);
    if (!rgb)
        return expclip__fail_memory(err, "frame");
    rows[0] = rgb + ROW_ALIGNMENT - (uintptr_t)rgb % ROW_ALIGNMENT;
    if (c->ff->sws_scale(c->sws, (const uint8_t *const *)f->data, f->linesize,
                         0, height, rows, strides) < 0) {
        expclip__free(rgb);
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "%s: pixels cannot be converted", c->path);
    }
    for (size_t y = 0; y < (size_t)height; y++)
        memmove(rgb + y * row, rows[0] + y * stride, row);
    out->rgb = rgb;
    out->width = width;
    out->height = height;
    return EXPCLIP_OK;
}

void expclip__converter_clear(expclip__converter *c)
{
    if (c->sws)
        c->ff->sws_freeContext(c->sws);
}

#else
typedef int expclip__no_pixels; /* a file of C is not empty */
#endif
