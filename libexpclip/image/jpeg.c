/* SPDX-License-Identifier: MIT */
/*
 * jpeg.c - may a decoder have this JPEG, and what will it cost? (ITU T.81,
 * annex B)
 *
 * stb_image before 2.28 writes beyond its tables when a Huffman table claims
 * more than 256 codes; no decoder minds a colour without a scan; and a
 * progressive file of a few bytes can walk over all its pixels a thousand
 * times. All that is seen in the segments, before a decoder runs.
 *
 * Arithmetic coding may leave out zeros at the end of a scan, so one that is
 * cut before a marker is taken for whole: there nobody can tell.
 */
#include "image/jpeg.h"

#include "base/error.h"
#include "image/jpeg_turbo.h"
#include "image/jpeg_walk.h"

#define MAX_COMPONENTS 4
/* A block of a scan counts so many coefficients at least: what it costs to go
 * there. */
#define LEAST_BAND 16
#define WORK_FACTOR 16
/* Rows under way, tables, and what a small image may cost anyway. */
#define SPARE_BYTES (8u << 20)

typedef struct component {
    uint8_t id;
    uint8_t across; /* sampling */
    uint8_t down;
    uint8_t table; /* quantisation */
    int64_t blocks;
    int is_scanned;
} component;

/* What the segments so far have said. */
typedef struct walk {
    expclip__jpeg facts;
    component components[MAX_COMPONENTS];
    int is_progressive;
    int is_arithmetic;
    unsigned quantisation; /* bit i: table i is defined */
    unsigned huffman[2];   /* DC, AC */
    int64_t scan_bits;     /* that the scan under way needs at least */
    size_t scan_at;        /* where its data begin */
} walk;

static expclip_status check_huffman(walk *w, const uint8_t *at,
                                    const uint8_t *end, expclip_error *err)
{
    while (at < end) {
        size_t n = 0;

        for (int i = 1; i <= 16 && end - at >= 17; i++)
            n += at[i];
        if (end - at < 17 || n > 256 || n > (size_t)(end - at) - 17)
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "JPEG: Huffman table of %zu codes, expected "
                                 "at most 256, all in the segment",
                                 n);
        w->huffman[*at >> 4 & 1] |= 1u << (*at & 15);
        at += 17 + n;
    }
    return EXPCLIP_OK;
}

static expclip_status check_quantisation(walk *w, const uint8_t *at,
                                         const uint8_t *end, expclip_error *err)
{
    while (at < end) {
        const ptrdiff_t n = *at >> 4 ? 129 : 65;

        if (end - at < n)
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "JPEG: quantisation table of %td bytes, "
                                 "expected %td",
                                 end - at, n);
        w->quantisation |= 1u << (*at & 15);
        at += n;
    }
    return EXPCLIP_OK;
}

static int32_t be16(const uint8_t *at)
{
    return (int32_t)at[0] << 8 | at[1];
}

static int64_t divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

static int is_arithmetic(uint8_t marker)
{
    return marker == EXPCLIP__JPEG_SOF9 || marker == EXPCLIP__JPEG_SOF10;
}

/* Kinds of coding and numbers of colours that nobody here decodes. */
static expclip_status
check_coding(const walk *w, const expclip__jpeg_segment *s, expclip_error *err)
{
    if (s->marker > EXPCLIP__JPEG_SOF2 &&
        !(is_arithmetic(s->marker) && expclip__has_jpeg_arithmetic))
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "JPEG: coding %d (%s), expected baseline or "
                             "progressive; save it anew",
                             s->marker - EXPCLIP__JPEG_SOF0,
                             is_arithmetic(s->marker)
                                 ? "arithmetic, which this build's decoder "
                                   "has not"
                                 : "lossless or hierarchical");
    if (s->size < 6 || s->size < 6 + 3 * (size_t)s->data[5])
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "JPEG: frame header of %zu bytes, expected 6 and "
                             "3 for each colour",
                             s->size);
    if (s->data[0] != 8)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "JPEG: %d bits a colour, expected 8", s->data[0]);
    if (s->data[5] != 1 && s->data[5] != 3 && s->data[5] != 4)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "JPEG: %d colours, expected 1 (grey), 3, or 4 "
                             "(CMYK)",
                             s->data[5]);
    if (w->facts.n_components)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "JPEG: a second frame header at byte %zu, "
                             "expected one",
                             s->at);
    if (be16(s->data + 1) < 1 || be16(s->data + 3) < 1)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "JPEG: %d x %d pixels, expected 1 x 1 and more",
                             be16(s->data + 3), be16(s->data + 1));
    return EXPCLIP_OK;
}

static expclip_status read_frame(walk *w, const expclip__jpeg_segment *s,
                                 expclip_error *err)
{
    expclip__jpeg *f = &w->facts;
    expclip_status status = check_coding(w, s, err);
    int across = 1, down = 1;

    if (status)
        return status;
    f->height = be16(s->data + 1);
    f->width = be16(s->data + 3);
    f->n_components = s->data[5];
    w->is_arithmetic = is_arithmetic(s->marker);
    w->is_progressive =
        s->marker == EXPCLIP__JPEG_SOF2 || s->marker == EXPCLIP__JPEG_SOF10;
    for (int i = 0; i < f->n_components; i++) {
        const uint8_t *from = s->data + 6 + 3 * i;
        component *c = &w->components[i];

        *c = (component){ from[0], from[1] >> 4, from[1] & 15, from[2], 0, 0 };
        if (c->across < 1 || c->across > 4 || c->down < 1 || c->down > 4)
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "JPEG: sampling %d x %d of colour %d, "
                                 "expected 1 x 1 to 4 x 4",
                                 c->across, c->down, i);
        across = c->across > across ? c->across : across;
        down = c->down > down ? c->down : down;
    }
    for (int i = 0; i < f->n_components; i++) {
        component *c = &w->components[i];

        c->blocks = divide_up((int64_t)f->width * c->across, 8 * across) *
                    divide_up((int64_t)f->height * c->down, 8 * down);
    }
    return EXPCLIP_OK;
}

/* Which coefficients, and whether a scan before brought their high bits. */
typedef struct band {
    int first;
    int last;
    int refines;
} band;

static expclip_status read_band(band *out, const walk *w, const uint8_t *at,
                                expclip_error *err)
{
    const band all = { 0, 63, 0 };

    *out = w->is_progressive ? (band){ at[0], at[1], at[2] >> 4 } : all;
    if (out->first <= out->last && out->last <= 63)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                         "JPEG: a scan of coefficients %d to %d, expected 0 to "
                         "63",
                         out->first, out->last);
}

static expclip_status add_component(walk *w, const uint8_t *from, band b,
                                    expclip_error *err)
{
    const component *end = w->components + w->facts.n_components;
    const int width = b.last - b.first + 1;
    component *c = w->components;

    while (c < end && c->id != from[0])
        c++;
    if (c == end)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "JPEG: a scan of colour %d, which the frame "
                             "header does not have",
                             from[0]);
    if (c->table > 3 || !(w->quantisation >> c->table & 1))
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "JPEG: quantisation table %d of colour %d is not "
                             "defined before its scan",
                             c->table, c->id);
    c->is_scanned = 1;
    w->facts.work += c->blocks * (width > LEAST_BAND ? width : LEAST_BAND);
    if (w->is_arithmetic) /* no tables, and no least size */
        return EXPCLIP_OK;
    if ((b.first == 0 && !b.refines &&
         !(w->huffman[0] >> (from[1] >> 4) & 1)) ||
        (b.last > 0 && !(w->huffman[1] >> (from[1] & 15) & 1)))
        w->facts.standard_tables = 1;
    /* A bit at least for each DC, and for the others of a block unless they
     * may be left to a run of blocks that have none. */
    w->scan_bits += c->blocks * (w->is_progressive ? b.first == 0 : 2);
    return EXPCLIP_OK;
}

static expclip_status read_scan(walk *w, const expclip__jpeg_segment *s,
                                expclip_error *err)
{
    const int n = s->size ? s->data[0] : 0;
    band b;
    expclip_status status;

    if (!w->facts.n_components || n < 1 || n > w->facts.n_components ||
        s->size < (size_t)n * 2 + 4)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "JPEG: a scan of %d colours in %zu bytes at byte "
                             "%zu, after a frame header of %d",
                             n, s->size, s->at, (int)w->facts.n_components);
    status = read_band(&b, w, s->data + 1 + 2 * n, err);
    w->scan_at = s->at + 4 + s->size;
    w->facts.n_scans++;
    for (int i = 0; !status && i < n; i++)
        status = add_component(w, s->data + 1 + 2 * i, b, err);
    if (w->is_progressive || n < w->facts.n_components)
        w->facts.coefficient_bytes = 1;
    return status;
}

/* The scan under way ends at byte `end`. */
static void end_scan(walk *w, size_t end)
{
    const int64_t missing =
        w->scan_bits / 8 - (int64_t)end + (int64_t)w->scan_at;

    if (w->scan_bits > 0 && missing > w->facts.missing_bytes)
        w->facts.missing_bytes = missing;
    w->scan_bits = 0;
}

static expclip_status read_segment(walk *w, const expclip__jpeg_segment *s,
                                   expclip_error *err)
{
    const uint8_t m = s->marker;

    if (m == EXPCLIP__JPEG_DHT)
        return check_huffman(w, s->data, s->data + s->size, err);
    if (m == EXPCLIP__JPEG_DQT)
        return check_quantisation(w, s->data, s->data + s->size, err);
    if (m == EXPCLIP__JPEG_SOS)
        return read_scan(w, s, err);
    if (m >= EXPCLIP__JPEG_SOF0 && m <= EXPCLIP__JPEG_SOF15 &&
        m != EXPCLIP__JPEG_JPG && m != EXPCLIP__JPEG_DAC)
        return read_frame(w, s, err);
    return EXPCLIP_OK;
}

/* Is there what an image needs? */
static expclip_status check_whole(const walk *w, int allow_truncated,
                                  expclip_error *err)
{
    if (!w->facts.n_components || !w->facts.n_scans)
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "JPEG: no %s, expected one",
                             w->facts.n_components ? "scan" : "frame header");
    for (int i = 0; i < w->facts.n_components && !allow_truncated; i++)
        if (!w->components[i].is_scanned)
            return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                                 "JPEG: no scan of colour %d, expected one for "
                                 "each of %d",
                                 i, (int)w->facts.n_components);
    return EXPCLIP_OK;
}

static expclip_status walk_all(walk *w, const uint8_t *bytes, size_t size,
                               int allow_truncated, expclip_error *err)
{
    expclip__jpeg_segment s;
    size_t at = 2;
    expclip_status status;

    for (;;) {
        status = expclip__jpeg_next(&s, bytes, size, &at, err);
        if (status)
            return status;
        end_scan(w, s.at);
        if (s.marker == EXPCLIP__JPEG_EOI)
            return EXPCLIP_OK;
        if (!s.marker)
            break;
        if ((status = read_segment(w, &s, err)))
            return status;
    }
    return allow_truncated
               ? EXPCLIP_OK
               : expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                               "JPEG: %zu bytes without the mark of its end; "
                               "allow_truncated uses what there is",
                               size);
}

expclip_status expclip__jpeg_check(expclip__jpeg *out, const uint8_t *bytes,
                                   size_t size, int allow_truncated,
                                   expclip_error *err)
{
    walk w = { 0 };
    int64_t blocks = 0;
    expclip_status status = walk_all(&w, bytes, size, allow_truncated, err);

    if (!status)
        status = check_whole(&w, allow_truncated, err);
    if (status)
        return status;
    for (int i = 0; i < w.facts.n_components; i++)
        blocks += w.components[i].blocks;
    w.facts.coefficient_bytes *= blocks * 64 * 2;
    *out = w.facts;
    return EXPCLIP_OK;
}

expclip_status expclip__jpeg_check_cost(const expclip__jpeg *jpeg, size_t size,
                                        int64_t max_pixels, int allow_truncated,
                                        expclip_error *err)
{
    const int64_t pixels = (int64_t)jpeg->width * jpeg->height;
    const int64_t worth = WORK_FACTOR * (pixels + (int64_t)size) + SPARE_BYTES;
    const int64_t memory = pixels * 3 + jpeg->coefficient_bytes;
    const int64_t allowed =
        max_pixels > (1 << 30) ? INT64_MAX : max_pixels * 6 + SPARE_BYTES;

    if (jpeg->missing_bytes > 0 && !allow_truncated)
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "JPEG: %lld bytes and more of a scan are missing, "
                             "for %d x %d pixels; allow_truncated uses what "
                             "there is",
                             (long long)jpeg->missing_bytes, (int)jpeg->width,
                             (int)jpeg->height);
    if (jpeg->work > worth)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "JPEG: its %d scans walk over %lld coefficients, "
                             "expected at most %lld for %d x %d pixels in %zu "
                             "bytes; save it anew",
                             (int)jpeg->n_scans, (long long)jpeg->work,
                             (long long)worth, (int)jpeg->width,
                             (int)jpeg->height, size);
    if (memory > allowed)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "JPEG: %d x %d pixels in %d scans take %lld bytes "
                             "of memory, expected max_pixels of at least %lld",
                             (int)jpeg->width, (int)jpeg->height,
                             (int)jpeg->n_scans, (long long)memory,
                             (long long)((memory - SPARE_BYTES + 5) / 6));
    return EXPCLIP_OK;
}
