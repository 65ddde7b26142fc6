/* SPDX-License-Identifier: MIT */
/*
 * face_files.h - images of faces: cut out, with boxes around them, blurred.
 */
#ifndef EXPCLIP_CLI_FACE_FILES_H
#define EXPCLIP_CLI_FACE_FILES_H

#include <expclip_faces.h>

/** Where each kind goes; NULL = not wanted. */
typedef struct face_folders {
    const char *crop;
    const char *draw;
    const char *blur;
} face_folders;

/** Make the folders, or report why not. @return 0 or an exit code */
int face_files_prepare(const face_folders *folders);

/**
 * Write what is wanted of an image; its name without its folder and ending
 * names the files.
 *
 * @return 0 or an exit code, reported
 */
int face_files_write(const face_folders *folders, const char *path,
                     const expclip_faces *faces,
                     const expclip_crop_options *crop);

#endif
