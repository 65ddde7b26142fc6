/* SPDX-License-Identifier: MIT */
/*
 * bmp_runs.c - the run lengths of a BMP of 4 or 8 bits, as Pillow reads them:
 * a run ends with its row, and of data that end early nothing is shown.
 */
#include "image/bmp.h"

#include <string.h>

#include "base/error.h"
#include "base/threads.h"

/* Where the next pixel goes, counted through all rows, and in its row, which a
 * run does not leave. */
typedef struct runs {
    const expclip__bmp *b;
    expclip__image *image;
    const uint8_t *bytes;
    size_t left;
    int64_t done;
    int64_t x;
    int64_t n_pixels;
} runs;

static void put(runs *r, unsigned index)
{
    const int64_t width = r->b->width;

    if (r->done < r->n_pixels) {
        memcpy(expclip__bmp_row(r->b, r->image, r->done / width) +
                   r->done % width * 3,
               r->b->palette[index], 3);
        r->done++;
    }
}

/* Pixels of index 0. */
static void skip(runs *r, int64_t n)
{
    while (n-- > 0 && r->done < r->n_pixels)
        put(r, 0);
    r->x = r->done % r->b->width;
}

static unsigned nibble(uint8_t byte, int64_t i)
{
    return i % 2 ? byte & 15u : byte >> 4;
}

static void take(runs *r, size_t n)
{
    r->bytes += n;
    r->left -= n;
}

static void repeat(runs *r, int64_t n, uint8_t byte)
{
    const int64_t room = r->b->width - r->x;

    if (n > room)
        n = room > 0 ? room : 0;
    for (int64_t i = 0; i < n; i++)
        put(r, r->b->bits == 4 ? nibble(byte, i) : byte);
    r->x += n;
}

/* `n` pixels as they are, to an even number of bytes. @return 0 at the end */
static int copy(runs *r, int64_t n)
{
    const int64_t most = r->n_pixels - r->done;
    const int64_t count = n < most ? n : most;
    const size_t size = (size_t)(r->b->bits == 4 ? (count + 1) / 2 : count);

    if (size > r->left)
        return 0;
    for (int64_t i = 0; i < count; i++)
        put(r, r->b->bits == 4 ? nibble(r->bytes[i / 2], i) : r->bytes[i]);
    take(r, size);
    r->x += n;
    if (r->done < r->n_pixels && (size_t)(r->bytes - r->b->in->bytes) % 2)
        take(r, r->left > 0);
    return 1;
}

/* A run of no pixels says something else. @return 0 at the end */
static int escape(runs *r, uint8_t code)
{
    switch (code) {
    case 0: /* to the end of the row */
        skip(r, (r->b->width - r->done % r->b->width) % r->b->width);
        r->x = 0;
        return 1;
    case 1:
        return 0;
    case 2: /* to the right and up */
        if (r->left < 2)
            return 0;
        skip(r, r->bytes[0] + r->bytes[1] * r->b->width);
        take(r, 2);
        return 1;
    default:
        return copy(r, code);
    }
}

expclip_status expclip__bmp_runs(expclip__image *out, const expclip__bmp *b,
                                 expclip_error *err)
{
    const expclip__encoded *in = b->in;
    runs r = { b, out, NULL, 0, 0, 0, b->width * b->height };
    expclip_status status =
        expclip__image_create(out, b->width, b->height, in->options, err);

    if (b->pixels < in->size) {
        r.bytes = in->bytes + b->pixels;
        r.left = in->size - b->pixels;
    }
    while (!status && r.done < r.n_pixels && r.left >= 2) {
        const uint8_t n = r.bytes[0], byte = r.bytes[1];

        take(&r, 2);
        status = expclip__cancel_check(in->cancel, err);
        if (n)
            repeat(&r, n, byte);
        else if (!escape(&r, byte))
            break;
    }
    if (!status && r.done < r.n_pixels &&
        (!in->options->allow_truncated || r.done == 0))
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "BMP: its runs end after %lld of %lld pixels; "
                             "allow_truncated uses what there is",
                             (long long)r.done, (long long)r.n_pixels);
    return status;
}
