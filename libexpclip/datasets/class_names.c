/* SPDX-License-Identifier: MIT */
/*
 * class_names.c - the classes of the paper's reference, in the order of its
 * labels (zengqunzhao/Exp-CLIP, models/Text.py).
 */
#include "datasets/class_names.h"

const char *const expclip__class_names[EXPCLIP__N_CLASSES] = {
    "happiness", "sadness",      "neutral",        "anger",
    "surprise",  "disgust",      "fear",           "contempt",
    "anxiety",   "helplessness", "disappointment",
};
