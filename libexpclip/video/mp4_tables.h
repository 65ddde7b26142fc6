/* SPDX-License-Identifier: MIT */
/*
 * mp4_tables.h - do an MP4's tables fit into it?
 */
#ifndef EXPCLIP_MP4_TABLES_H
#define EXPCLIP_MP4_TABLES_H

#include "base/io.h"

/**
 * FORMAT when a box of an MP4 says that it has more entries than its bytes
 * hold, or more samples than the file has bytes: a demuxer would take memory
 * for them. Boxes that are cut off, and what is no MP4, are not judged.
 */
expclip_status expclip__mp4_check_tables(const expclip__file *file,
                                         expclip_error *err);

#endif
