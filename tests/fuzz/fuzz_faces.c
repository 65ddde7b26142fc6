/* SPDX-License-Identifier: MIT */
/*
 * fuzz_faces.c - any bytes as an image in which faces are looked for, cut out
 * and followed into the same image once more.
 *
 * The last four bytes choose the options. The threshold is so low that much
 * that is no face counts as one.
 */
#include <stdlib.h>

#include "expclip_faces.h"

#include "mend_sums.h"

#define MAX_PIXELS (1 << 17)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** One for each way to look: it costs more to make than to use. */
static const expclip_detector *detector_of(uint8_t choice)
{
    static expclip_detector *made[4];
    const int which = choice & 3;

    if (!made[which]) {
        expclip_detector_options o = EXPCLIP_DETECTOR_OPTIONS_INIT;

        o.threshold = 0.02f;
        o.long_side = 64;
        o.smallest = 1;
        o.threads = 1;
        o.quick = which & 1;
        o.turn = which >> 1;
        if (expclip_detector_create(&made[which], &o, NULL))
            abort();
    }
    return made[which];
}

static void cut(const expclip_faces *faces, size_t index,
                const expclip_crop_options *crop)
{
    expclip_box box;
    uint8_t *rgb;
    size_t size;

    if (expclip_faces_crop(&box, faces, index, crop, NULL))
        abort();
    if (box.x < 0 || box.y < 0 || box.width < 1 || box.height < 1 ||
        box.x + box.width > expclip_faces_width(faces) ||
        box.y + box.height > expclip_faces_height(faces))
        abort();
    size = 3 * (size_t)box.width * (size_t)box.height;
    rgb = malloc(size);
    if (!rgb || expclip_faces_copy_crop(rgb, size, faces, index, crop, NULL))
        abort();
    free(rgb);
}

static void follow(const expclip_faces *faces)
{
    const size_t n = expclip_faces_count(faces);
    int32_t *tracks = malloc((n + 1) * sizeof(*tracks));
    expclip_tracker *tracker;

    if (!tracks || expclip_tracker_create(&tracker, NULL, NULL))
        abort();
    for (int frame = 0; frame < 3; frame++)
        if (expclip_tracker_add(tracks, n, tracker, 0.04 * frame, faces, NULL))
            abort();
    if (expclip_tracker_finish(tracker, NULL))
        abort();
    expclip_tracker_free(tracker);
    free(tracks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    expclip_image_options o = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip_crop_options crop = EXPCLIP_CROP_OPTIONS_INIT;
    expclip_faces *faces;
    const uint8_t *choice;

    if (size <= 4)
        return 0;
    choice = data + (size -= 4);
    o.max_pixels = MAX_PIXELS;
    o.allow_truncated = choice[0] >> 2 & 1;
    crop.upright = choice[0] >> 3 & 1;
    crop.side = 0.5f + (float)choice[1] * (3.5f / 255.0f);
    crop.up = (float)choice[2] / 127.5f - 1.0f;
    if (expclip_detector_find_bytes(&faces, detector_of(choice[0]), data, size,
                                    &o, NULL))
        return 0;
    for (size_t i = 0; i < expclip_faces_count(faces) && i < 8; i++)
        cut(faces, i, &crop);
    follow(faces);
    expclip_faces_free(faces);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed)
{
    return mend_mutate(data, size, max_size, seed, mend_png);
}
