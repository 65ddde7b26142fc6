/* SPDX-License-Identifier: MIT */
/*
 * jpeg_turbo.c - JPEG through libjpeg-turbo, as Pillow's convert("RGB") has it.
 *
 * Pixels equal Pillow's bit for bit, because all settings are libjpeg's own:
 * the slow integer DCT, fancy upsampling, smoothing of blocks that a
 * progressive file leaves coarse. libjpeg shows something for most damaged
 * files and warns; here a warning is an error.
 *
 * libjpeg reports errors by a call that must not return. So decode() is left
 * by longjmp(), and what must be freed lives in `decoder`, outside of it.
 */
#include "image/jpeg_turbo.h"

#ifdef EXPCLIP_HAVE_JPEG

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h> /* the codes; below once more: the texts */

#include "base/alloc.h"
#include "base/error.h"
#include "base/threads.h"

const int expclip__has_jpeg_turbo = 1;
#ifdef D_ARITH_CODING_SUPPORTED
const int expclip__has_jpeg_arithmetic = 1;
#else
const int expclip__has_jpeg_arithmetic = 0;
#endif

/* libjpeg's rows and tables, and blocks that fill up a row of coefficients. */
#define SPARE_BYTES (32L << 20)

typedef struct decoder {
    struct jpeg_decompress_struct libjpeg;
    struct jpeg_error_mgr errors;
    jmp_buf failed;
    struct jpeg_progress_mgr progress;
    unsigned reduction; /* 1, 2, 4, 8: only so much of the sides is made */
    int allow_truncated;
    const expclip_cancel *cancel;
    int cancelled;
    uint8_t *rgb;
    uint8_t *row; /* of CMYK */
} decoder;

/* ---- errors ----
 *
 * Nothing here calls jpeg_std_error(): it brings a file of libjpeg's that
 * prints, and that fits no shared library where libjpeg is an archive made for
 * executables. The messages come from its header.
 */

static const char *const messages[] = {
#define JVERSION "libjpeg-turbo"
#define JCOPYRIGHT_SHORT ""
#define JMESSAGE(code, text) text,
#include <jerror.h>
};

static void fail(j_common_ptr libjpeg)
{
    decoder *d = libjpeg->client_data;

    longjmp(d->failed, 1);
}

static void say_nothing(j_common_ptr libjpeg)
{
    (void)libjpeg;
}

static void format_nothing(j_common_ptr libjpeg, char *text)
{
    (void)libjpeg;
    *text = '\0';
}

/* Level -1 is a warning, others are news. */
static void warn(j_common_ptr libjpeg, int level)
{
    const decoder *d = libjpeg->client_data;
    const int code = libjpeg->err->msg_code;

    if (level >= 0 || code == JWRN_JFIF_MAJOR) /* says nothing of pixels */
        return;
    if (d->allow_truncated &&
        (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER))
        return;
    fail(libjpeg);
}

/* libjpeg calls it for each row of blocks, of each scan. */
static void look_at_cancel(j_common_ptr libjpeg)
{
    decoder *d = libjpeg->client_data;

    d->cancelled = expclip__cancel_check(d->cancel, NULL) != EXPCLIP_OK;
    if (d->cancelled)
        longjmp(d->failed, 1);
}

/* libjpeg's words; those with %s are of temporary files. */
static void explain(char *text, size_t size, const struct jpeg_error_mgr *e)
{
    const int n = (int)(sizeof(messages) / sizeof(messages[0]));
    const char *format =
        e->msg_code > 0 && e->msg_code < n ? messages[e->msg_code] : "unknown";
    const int *i = e->msg_parm.i;

    if (strstr(format, "%s"))
        format = "unknown";
    snprintf(text, size, format, i[0], i[1], i[2], i[3]);
}

static expclip_status why_it_failed(decoder *d, size_t size, expclip_error *err)
{
    const size_t left = d->libjpeg.src ? d->libjpeg.src->bytes_in_buffer : size;
    char text[JMSG_LENGTH_MAX];

    if (d->cancelled)
        return expclip__cancel_check(d->cancel, err);
    switch (d->errors.msg_code) {
    case JERR_OUT_OF_MEMORY:
        return expclip__fail_memory(err, "image");
    case JERR_NO_BACKING_STORE:
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "JPEG: needs more memory than its size allows");
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "JPEG: its data end too early, at or before byte "
                             "%zu of %zu; allow_truncated uses what there is",
                             left <= size ? size - left : size, size);
    default:
        explain(text, sizeof(text), &d->errors);
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "JPEG: damaged, at or before byte %zu: %s",
                             left <= size ? size - left : size, text);
    }
}

/* ---- colours ---- */

/* a * b / 255, rounded, for 0..255. */
static int times(int a, int b)
{
    const int product = a * b + 128;

    return ((product >> 8) + product) >> 8;
}

/* Pillow's two steps: Adobe's CMYK is upside down, and ink takes light. */
static void cmyk_to_rgb(uint8_t *rgb, const uint8_t *cmyk, size_t width)
{
    for (size_t x = 0; x < width; x++, rgb += 3, cmyk += 4)
        for (int i = 0; i < 3; i++) {
            const int light = cmyk[3];
            const int rest = light - times(255 - cmyk[i], light);

            rgb[i] = (uint8_t)rest;
        }
}

/* ---- decoding ---- */

static unsigned reduced(unsigned side, unsigned reduction)
{
    return (side + reduction - 1) / reduction;
}

/* Left by longjmp() when anything is wrong. */
static void decode(decoder *d, const expclip__jpeg *jpeg, const uint8_t *bytes,
                   size_t size)
{
    struct jpeg_decompress_struct *j = &d->libjpeg;

    jpeg_create_decompress(j);
    d->progress.progress_monitor = look_at_cancel;
    j->progress = &d->progress;
    j->mem->max_memory_to_use = (long)jpeg->coefficient_bytes + SPARE_BYTES;
    jpeg_mem_src(j, bytes, size);
    jpeg_read_header(j, TRUE);
    /* The walk over the segments saw the same frame, or rgb is too small. */
    if (j->image_width != (JDIMENSION)jpeg->width ||
        j->image_height != (JDIMENSION)jpeg->height ||
        j->num_components != jpeg->n_components)
        ERREXIT(j, JERR_SOF_DUPLICATE);
    j->out_color_space = j->num_components == 4 ? JCS_CMYK : JCS_RGB;
    j->scale_denom = d->reduction;
    jpeg_start_decompress(j);
    if (j->output_width != reduced(j->image_width, d->reduction) ||
        j->output_height != reduced(j->image_height, d->reduction))
        ERREXIT(j, JERR_BAD_LENGTH); /* than rgb has room for */
    while (j->output_scanline < j->output_height) {
        uint8_t *rgb =
            d->rgb + (size_t)j->output_scanline * j->output_width * 3;

        if (j->num_components == 4) {
            jpeg_read_scanlines(j, &d->row, 1);
            cmyk_to_rgb(rgb, d->row, j->output_width);
        } else {
            jpeg_read_scanlines(j, &rgb, 1);
        }
    }
    jpeg_finish_decompress(j);
}

static expclip_status run(decoder *d, const expclip__jpeg *jpeg,
                          const uint8_t *bytes, size_t size, expclip_error *err)
{
    d->errors = (struct jpeg_error_mgr){
        .error_exit = fail,
        .emit_message = warn,
        .output_message = say_nothing,
        .format_message = format_nothing,
        .reset_error_mgr = say_nothing,
    };
    d->libjpeg.err = &d->errors;
    d->libjpeg.client_data = d;
    if (setjmp(d->failed))
        return why_it_failed(d, size, err);
    decode(d, jpeg, bytes, size);
    return EXPCLIP_OK;
}

/* The largest that leaves enough of the image, or of the box in it. */
static unsigned choose_reduction(const expclip__jpeg *jpeg,
                                 const expclip__encoded *in)
{
    const expclip_image_options *o = in->options;
    int32_t width = jpeg->width, height = jpeg->height;
    int32_t reduction = 8;

    if (in->least_side < 1)
        return 1;
    if (o->box_width > 0 && o->box_height > 0) {
        width = o->box_width;
        height = o->box_height;
    }
    while (reduction > 1 &&
           (width > height ? width : height) / reduction < in->least_side)
        reduction /= 2;
    return (unsigned)reduction;
}

expclip_status expclip__jpeg_turbo(expclip__image *out,
                                   const expclip__jpeg *jpeg,
                                   const expclip__encoded *in,
                                   expclip_error *err)
{
    decoder d = { .reduction = choose_reduction(jpeg, in),
                  .allow_truncated = in->options->allow_truncated,
                  .cancel = in->cancel };
    const unsigned width = reduced((unsigned)jpeg->width, d.reduction);
    const unsigned height = reduced((unsigned)jpeg->height, d.reduction);
    expclip_status status = EXPCLIP_OK;

    d.rgb = expclip__alloc((size_t)width * height, 3);
    d.row = expclip__alloc(width, 4);
    if (!d.rgb || !d.row)
        status = expclip__fail_memory(err, "image");
    else
        status = run(&d, jpeg, in->bytes, in->size, err);
    jpeg_destroy_decompress(&d.libjpeg); /* takes one that was not created */
    expclip__free(d.row);
    if (status) {
        expclip__free(d.rgb);
        return status;
    }
    if (d.reduction > 1)
        *in->full = (expclip__size){ jpeg->width, jpeg->height };
    *out = (expclip__image){ (int32_t)width, (int32_t)height, d.rgb };
    return EXPCLIP_OK;
}

#else

#include "base/error.h"
#include "base/threads.h"

const int expclip__has_jpeg_turbo = 0;
const int expclip__has_jpeg_arithmetic = 0;

expclip_status expclip__jpeg_turbo(expclip__image *out,
                                   const expclip__jpeg *jpeg,
                                   const expclip__encoded *in,
                                   expclip_error *err)
{
    (void)out;
    (void)jpeg;
    (void)in;
    return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                         "JPEG: this build has no libjpeg-turbo");
}

#endif
