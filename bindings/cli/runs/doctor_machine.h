/* SPDX-License-Identifier: MIT */
/*
 * doctor_machine.h - what `expclip doctor` tells of this machine: for people,
 * on stdout.
 */
#ifndef EXPCLIP_CLI_DOCTOR_MACHINE_H
#define EXPCLIP_CLI_DOCTOR_MACHINE_H

/** Cores, and the processor's features that kernels look for. */
void doctor_print_cpu(void);
/** How the library was built, and which libtorch it has loaded. */
void doctor_print_library(void);

#endif
