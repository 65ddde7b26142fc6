/* SPDX-License-Identifier: MIT */
/*
 * dataset_entries.c - what the names in a folder are names of.
 */
#include "datasets/dataset_entries.h"

#include "shared/formats.h"

int expclip__is_video_name(const char *name)
{
    static const char *const endings[] = { ".mp4", ".mkv", ".webm", ".avi",
                                           ".mov", ".m4v", ".ts" };

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (expclip__ends_in(name, endings[i]))
            return 1;
    return 0;
}
