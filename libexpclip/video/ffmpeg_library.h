/* SPDX-License-Identifier: MIT */
/*
 * ffmpeg_library.h - FFmpeg's functions, found when the first video is opened.
 *
 * The library is not linked with FFmpeg: programs that read no videos need not
 * have it. What is compiled in is the layout of its structs, so only the
 * libraries of the same SONAME as the headers' are loaded. Use this header in
 * files that are empty without EXPCLIP_HAVE_FFMPEG.
 */
#ifndef EXPCLIP_FFMPEG_LIBRARY_H
#define EXPCLIP_FFMPEG_LIBRARY_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libswscale/swscale.h>

#include <expclip.h>

/* X(name) for every function that is used, library by library. */
#define EXPCLIP__AVUTIL(X)                                                     \
    X(av_dict_free)                                                            \
    X(av_dict_set)                                                             \
    X(av_dict_set_int)                                                         \
    X(av_frame_alloc)                                                          \
    X(av_frame_free)                                                           \
    X(av_frame_unref)                                                          \
    X(av_free)                                                                 \
    X(av_freep)                                                                \
    X(av_log_set_level)                                                        \
    X(av_malloc)                                                               \
    X(av_strerror)
#define EXPCLIP__SWSCALE(X)                                                    \
    X(sws_freeContext)                                                         \
    X(sws_getCachedContext)                                                    \
    X(sws_getCoefficients)                                                     \
    X(sws_scale)                                                               \
    X(sws_setColorspaceDetails)
#define EXPCLIP__AVCODEC(X)                                                    \
    X(av_packet_alloc)                                                         \
    X(av_packet_free)                                                          \
    X(av_packet_unref)                                                         \
    X(avcodec_alloc_context3)                                                  \
    X(avcodec_find_decoder)                                                    \
    X(avcodec_free_context)                                                    \
    X(avcodec_get_name)                                                        \
    X(avcodec_open2)                                                           \
    X(avcodec_parameters_to_context)                                           \
    X(avcodec_receive_frame)                                                   \
    X(avcodec_send_packet)
/* FFmpeg 7 keeps side data with the parameters of the codec. */
#if LIBAVFORMAT_VERSION_MAJOR < 61
#define EXPCLIP__SIDE_DATA(X) X(av_stream_get_side_data)
#else
#define EXPCLIP__SIDE_DATA(X)
#endif
#define EXPCLIP__AVFORMAT(X)                                                   \
    X(av_find_best_stream)                                                     \
    X(av_find_input_format)                                                    \
    X(av_read_frame)                                                           \
    X(av_seek_frame)                                                           \
    EXPCLIP__SIDE_DATA(X)                                                      \
    X(avformat_alloc_context)                                                  \
    X(avformat_close_input)                                                    \
    X(avformat_find_stream_info)                                               \
    X(avformat_index_get_entries_count)                                        \
    X(avformat_index_get_entry)                                                \
    X(avformat_open_input)                                                     \
    X(avio_alloc_context)                                                      \
    X(avio_context_free)

#define EXPCLIP__DECLARE(name) __typeof__(name) *name;
typedef struct expclip__ffmpeg {
    EXPCLIP__AVUTIL(EXPCLIP__DECLARE)
    EXPCLIP__SWSCALE(EXPCLIP__DECLARE)
    EXPCLIP__AVCODEC(EXPCLIP__DECLARE)
    EXPCLIP__AVFORMAT(EXPCLIP__DECLARE)
} expclip__ffmpeg;
#undef EXPCLIP__DECLARE

/** The functions, loaded once; UNSUPPORTED says which library is missing. */
expclip_status expclip__ffmpeg_load(const expclip__ffmpeg **out,
                                    expclip_error *err);

#endif
