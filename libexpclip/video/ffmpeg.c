/* SPDX-License-Identifier: MIT */
/*
 * ffmpeg.c - the frames of a video file, through FFmpeg.
 */
#include "base/error.h"
#include "video/frames.h"

expclip_status expclip__video_open(expclip__frame_source *out, const char *path,
                                   const expclip_frames_options *options,
                                   int count, expclip_error *err)
{
    (void)out;
    (void)options;
    (void)count;
    return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                         "%s: this build reads no video files, expected a "
                         "folder of pictures; it was made without FFmpeg's "
                         "headers",
                         path);
}
