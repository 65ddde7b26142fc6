/* SPDX-License-Identifier: MIT */
/*
 * class_names.h - the classes of the paper's reference, in the order of its
 * labels.
 */
#ifndef EXPCLIP_CLASS_NAMES_H
#define EXPCLIP_CLASS_NAMES_H

#define EXPCLIP__N_CLASSES 11

extern const char *const expclip__class_names[EXPCLIP__N_CLASSES];

#endif
