/* SPDX-License-Identifier: MIT */
/*
 * fuzz_video.c - any bytes as a video file, whose first frames are read.
 */
#include "fuzz_folder.h"

#include "video/frames.h"

enum { N_FRAMES = 12 };

static void read_frames(expclip_frames *frames)
{
    expclip_image_options options = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip_error err = { 0 };
    int end = 0;

    options.max_pixels = 1 << 18;
    for (int i = 0; i < N_FRAMES; i++) {
        expclip__frame frame = { 0 };
        const expclip_status status =
            expclip__frames_next(frames, &frame, &end, &options, NULL, &err);

        fuzz_check(status, &err);
        if (status || end)
            return;
        fuzz_check(frame.status, &frame.why);
        if (!frame.status)
            expclip__image_clear(&frame.image);
        expclip__frames_forget(frames);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    expclip_frames_options options = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip_frames *frames = NULL;
    expclip_error err = { 0 };
    const expclip_status status = expclip__frames_open(
        &frames, fuzz_write("video", data, size), &options, &err);

    fuzz_check(status, &err);
    if (status)
        return 0;
    read_frames(frames);
    expclip__frames_free(frames);
    return 0;
}
