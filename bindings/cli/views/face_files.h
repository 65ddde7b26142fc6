/* SPDX-License-Identifier: MIT */
/*
 * face_files.h - images of faces: cut out, with boxes around them, blurred.
 */
#ifndef EXPCLIP_CLI_FACE_FILES_H
#define EXPCLIP_CLI_FACE_FILES_H

#include <expclip_faces.h>
#include <jansson.h>

/** Where each kind goes; NULL = not wanted. */
typedef struct face_folders {
    const char *crop;
    const char *draw;
    const char *blur;
} face_folders;

/** Is there anything to write? */
int face_files_wanted(const face_folders *folders);

/** Make the folders, or report why not: each kind needs one of its own.
 * @return 0 or an exit code */
int face_files_prepare(const face_folders *folders);

/**
 * What the files of an image are named after: its name without its folder and
 * ending, with _2, _3 and so on where another image took that.
 *
 * @param taken  an object whose keys are the names so far
 * @return for free()
 */
char *face_files_name(json_t *taken, const char *path);

/** Write what is wanted of an image. @return 0 or an exit code, reported */
int face_files_write(const face_folders *folders, const char *name,
                     const expclip_faces *faces,
                     const expclip_crop_options *crop);

#endif
