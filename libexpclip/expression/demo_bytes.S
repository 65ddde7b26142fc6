/* SPDX-License-Identifier: MIT */
/*
 * demo_bytes.S - the file of the model "demo", as bytes in the library.
 * EXPCLIP_DEMO_PATH is defined by the build.
 */
    .section .rodata
    .global expclip__demo_start
    .hidden expclip__demo_start
    .global expclip__demo_end
    .hidden expclip__demo_end
    .balign 16
expclip__demo_start:
    .incbin EXPCLIP_DEMO_PATH
expclip__demo_end:
    .section .note.GNU-stack, "", @progbits
