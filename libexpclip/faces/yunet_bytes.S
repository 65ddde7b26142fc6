/* SPDX-License-Identifier: MIT */
/*
 * yunet_bytes.S - the weights of YuNet, as bytes in the library.
 * EXPCLIP_YUNET_PATH is defined by the build.
 */
    .section .rodata
    .global expclip__yunet_start
    .hidden expclip__yunet_start
    .global expclip__yunet_end
    .hidden expclip__yunet_end
    .balign 16
expclip__yunet_start:
    .incbin EXPCLIP_YUNET_PATH
expclip__yunet_end:
    .section .note.GNU-stack, "", @progbits
