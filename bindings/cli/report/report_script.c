/* SPDX-License-Identifier: MIT */
/*
 * report_script.c - what the page can do beyond being read: filter, open and
 * close all, open the card that a link leads to. Without it all is there too.
 */
#include "report/report_files.h"

const char report_script[] =
    "\"use strict\";\n"
    "(function () {\n"
    "  var tools = document.getElementById(\"picks\");\n"
    "  function all(what, act) {\n"
    "    Array.prototype.forEach.call(document.querySelectorAll(what), act);\n"
    "  }\n"
    "  function leads() {\n"
    "    var card = document.getElementById(location.hash.slice(1));\n"
    "    if (card && card.tagName === \"DETAILS\") card.open = true;\n"
    "  }\n"
    "  function differs(mine, wanted) {\n"
    "    return wanted !== \"\" && mine !== undefined && mine !== wanted;\n"
    "  }\n"
    "  function pick() {\n"
    "    var m = tools.elements.model.value;\n"
    "    var p = tools.elements.prompts.value;\n"
    "    all(\"[data-m]\", function (e) {\n"
    "      e.hidden = differs(e.dataset.m, m) || differs(e.dataset.p, p);\n"
    "    });\n"
    "  }\n"
    "  function open(is) {\n"
    "    all(\"details.card\", function (e) { e.open = is && !e.hidden; });\n"
    "  }\n"
    "  addEventListener(\"hashchange\", leads);\n"
    "  leads();\n"
    "  if (!tools) return;\n"
    "  tools.hidden = false;\n"
    "  tools.addEventListener(\"change\", pick);\n"
    "  tools.elements.opens.addEventListener(\"click\", function () {\n"
    "    open(true);\n"
    "  });\n"
    "  tools.elements.closes.addEventListener(\"click\", function () {\n"
    "    open(false);\n"
    "  });\n"
    "})();\n";
