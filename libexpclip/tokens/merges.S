/* SPDX-License-Identifier: MIT */
/*
 * merges.S - OpenAI's merge table, bpe_simple_vocab_16e6.txt.gz, as bytes in
 * the library. EXPCLIP_MERGES_PATH is defined by the build, which checks the
 * file against merges.sha256.
 */
    .section .rodata
    .global expclip__merges_start
    .hidden expclip__merges_start
    .global expclip__merges_end
    .hidden expclip__merges_end
expclip__merges_start:
    .incbin EXPCLIP_MERGES_PATH
expclip__merges_end:
    .section .note.GNU-stack, "", @progbits
