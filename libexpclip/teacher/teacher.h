/* SPDX-License-Identifier: MIT */
/*
 * teacher.h - the language model that knows of faces: one that is shown their
 * images, or one that reads their descriptions.
 */
#ifndef EXPCLIP_TEACHER_TEACHER_H
#define EXPCLIP_TEACHER_TEACHER_H

#include <expclip_rows.h>

#include "base/threads.h"
#include "teacher/blip2.h"
#include "teacher/sentence.h"

struct expclip_teacher {
    expclip__refcount refs;
    uint64_t fork_generation;
    expclip__teacher_devices devices;
    int reads_texts; /* which of the two below there is */
    expclip__blip2 blip2;
    expclip__sentence sentence;
    size_t dim; /* of a target */
    char fingerprint[17];
};

/** As expclip_teacher_create(), options complete and checked. */
expclip_status expclip__teacher_create(expclip_teacher **out, const char *path,
                                       const expclip_teacher_options *options,
                                       expclip_error *err);
expclip_teacher *expclip__teacher_retain(const expclip_teacher *teacher);
void expclip__teacher_release(expclip_teacher *teacher);

#endif
