/* SPDX-License-Identifier: MIT */
/*
 * devices.h - where a teacher computes.
 */
#ifndef EXPCLIP_TEACHER_DEVICES_H
#define EXPCLIP_TEACHER_DEVICES_H

#include "tensor/tensor.h"

typedef struct expclip__teacher_devices {
    tensor_device *main;   /* of ViT, T5 and BERT: fp32 or bf16 */
    tensor_device *plain;  /* fp32: of the Q-Former, as LAVIS' */
    tensor_device *pixels; /* fp32, one thread, on the CPU */
} expclip__teacher_devices;

#endif
