/* SPDX-License-Identifier: MIT */
/*
 * merges.S - OpenAI's merge table, gzipped as published, as bytes in the
 * library. EXPCLIP_MERGES_PATH is defined by the build, which checks the file
 * against merges.sha256.
 */
    .section .rodata
    .global expclip__merges_start
    .hidden expclip__merges_start
    .global expclip__merges_end
    .hidden expclip__merges_end
    .balign 16
expclip__merges_start:
    .incbin EXPCLIP_MERGES_PATH
expclip__merges_end:
    .section .note.GNU-stack, "", @progbits
