/* SPDX-License-Identifier: MIT */
/*
 * page_bytes.S - files as texts in the program: the pages', and golden vectors. The build
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
    page_file page_report_html, "report/page/report.html"
    page_file page_report_style, "report/page/report.css"
    page_file page_report_script, "views/page/dom.js", "report/page/report.js"
    page_file page_sheet_html, "views/page/sheet.html"
    page_file page_sheet_style, "views/page/sheet.css"
    page_file page_sheet_script, "views/page/dom.js", "views/page/sheet.js"
    page_file manual_roff, "manual/expclip.roff"
    page_file doctor_vectors_json, "runs/doctor_vectors.json"
    .section .note.GNU-stack, "", @progbits
