/* SPDX-License-Identifier: MIT */
/*
 * report_bytes.S - the files of report/page/ as texts in the program. The build
 * tells the assembler where to look; a second file follows the first.
 */
    .section .rodata
    .macro page_file name, path, second
    .global \name
    .hidden \name
\name:
    .incbin "\path"
    .ifnb \second
    .incbin "\second"
    .endif
    .byte 0
    .endm
    page_file report_html, "report/page/report.html"
    page_file report_style, "report/page/report.css"
    page_file report_script, "views/page/dom.js", "report/page/report.js"
    .section .note.GNU-stack, "", @progbits
