/* SPDX-License-Identifier: MIT */
/*
 * report_style.c - how the page looks: on paper, on a phone, by day and by
 * night.
 *
 * Colours are variables, so that dark is one rule. The heat of the confusion
 * matrix is the paper's Reds (ColorBrewer), and for dark pages a ramp from the
 * card's colour to the same red.
 */
#include <math.h>

#include "report/report_files.h"

static const char *const rules[] = {
    /* Colours. */
    ":root{color-scheme:light dark;--page:#f6f5f2;--card:#fff;--text:#1d1d1f;"
    "--soft:#62626a;--line:#e3e1dc;--rail:#eceae5;--uar:#c0362c;--war:#2f6690;"
    "--mark:#1d1d1f;--note:#fdf3dc;--edge:#c99a2e;--best:#f7e3df;"
    "--link:#8f231c}",
    "@media(prefers-color-scheme:dark){:root{--page:#17181a;--card:#222326;"
    "--text:#ececee;--soft:#a5a5ac;--line:#37383d;--rail:#34353a;"
    "--uar:#f0705f;--war:#6ba6d6;--mark:#fff;--note:#332b19;--edge:#b98a2a;"
    "--best:#4a2724;--link:#ff9d8f}}",

    /* Frame. */
    "*{box-sizing:border-box}[hidden]{display:none!important}",
    "html{scroll-padding-top:64px;-webkit-text-size-adjust:100%}",
    "body{margin:0 auto;max-width:1240px;padding:40px 24px;"
    "background:var(--page);color:var(--text);"
    "font:15px/1.5 system-ui,-apple-system,\"Segoe UI\",sans-serif}",
    "h1{font-size:30px;line-height:1.2;font-weight:680;letter-spacing:-.02em;"
    "margin:0 0 6px}",
    "h2{font-size:21px;font-weight:660;letter-spacing:-.01em;margin:0 0 2px}",
    "h3{font-size:15px;font-weight:640;margin:0}",
    "h4{font-size:13px;font-weight:640;margin:0 0 8px}",
    "p{margin:0 0 12px}a{color:var(--link)}code{font-size:.93em}",
    "p,dd,dt,summary,.head th{overflow-wrap:anywhere}",
    ".lead{font-size:17px;color:var(--soft);margin:0 0 20px}",
    ".soft{color:var(--soft)}",
    "small{font-size:12px;color:var(--soft)}",
    ".skip{position:absolute;left:-999px}.skip:focus{left:16px;top:8px;"
    "background:var(--card);padding:6px 12px}",
    "section{margin:40px 0 0}",
    ".panel{background:var(--card);border:1px solid var(--line);"
    "border-radius:14px;padding:20px}",
    ".scroll{overflow-x:auto}.paper{margin:10px 20px 14px;font-size:13px}",
    ".gone{position:absolute;width:1px;height:1px;overflow:hidden;"
    "clip-path:inset(50%)}",
    ".note{background:var(--note);border-left:3px solid var(--edge);"
    "border-radius:4px;padding:8px 12px;font-size:14px}",
    "footer{margin-top:40px;border-top:1px solid var(--line);padding-top:14px;"
    "color:var(--soft);font-size:13px}",

    /* Facts. */
    "dl{display:grid;gap:10px 28px;margin:0;"
    "grid-template-columns:repeat(auto-fill,minmax(190px,1fr))}",
    "dt{font-size:12px;color:var(--soft)}dd{margin:0;font-size:14px;"
    "line-height:1.35}",

    /* Bar of links and filters. */
    ".tools{position:sticky;top:0;z-index:2;display:flex;flex-wrap:wrap;"
    "gap:6px 16px;align-items:center;margin:24px -24px 0;padding:10px 24px;"
    "background:var(--page);border-bottom:1px solid var(--line)}",
    ".tools nav{display:flex;gap:2px 14px;overflow-x:auto;flex:1 1 320px;"
    "font-size:14px}",
    ".tools nav a{white-space:nowrap;text-decoration:none}",
    ".tools nav a:hover{text-decoration:underline}",
    ".tools form{display:flex;flex-wrap:wrap;gap:6px}",
    ".tools label{font-size:12px;color:var(--soft)}",
    "select,button{font:13px/1.2 inherit;font-family:inherit;max-width:220px;"
    "color:var(--text);background:var(--card);border:1px solid var(--line);"
    "border-radius:7px;padding:5px 8px}",
    "button{cursor:pointer}",
    ":focus-visible{outline:2px solid var(--war);outline-offset:2px}",

    /* Tables. */
    "table{border-collapse:collapse;width:100%;"
    "font-variant-numeric:tabular-nums}",
    "caption{text-align:left;font-size:13px;color:var(--soft);"
    "padding-bottom:8px}",
    "th{font-weight:600;text-align:left}td,th{padding:5px 8px;"
    "vertical-align:middle}",
    "thead th{font-size:12px;color:var(--soft);font-weight:600;"
    "border-bottom:1px solid var(--line);vertical-align:bottom}",
    "tbody tr+tr>*{border-top:1px solid var(--line)}",
    ".group th{padding-top:14px;font-size:13px}",
    ".num,.num th,.num td{text-align:right;white-space:nowrap}",
    "table.num th:first-child{text-align:left}",

    /* The paper's grid. */
    ".grid td{text-align:center;white-space:nowrap;padding:0}",
    ".grid thead th{white-space:nowrap}.grid thead th+th{text-align:center}"
    ".grid thead a{color:inherit;"
    "text-decoration:none}",
    ".grid td a{display:block;padding:5px 8px;color:inherit;"
    "text-decoration:none;border-radius:6px}",
    ".grid td a:hover{outline:1px solid var(--line)}",
    ".grid tbody th{font-weight:500;white-space:nowrap;position:sticky;"
    "left:0;background:var(--card)}",
    ".grid small{font-size:13px}",
    ".grid b,.grid small b{font-weight:500}",
    ".best{background:var(--best);border-radius:4px;padding:1px 4px;"
    "font-weight:700!important;color:var(--text);justify-self:start}",

    /* Figures as bars: the interval, chance and the reference on them. */
    ".m{display:grid;grid-template-columns:3.6em minmax(60px,1fr) 7.4em;"
    "gap:10px;align-items:center}",
    ".m b{font-weight:600}.m b,.m small{white-space:nowrap}",
    ".rail{position:relative;display:block;height:12px;border-radius:3px;"
    "background:var(--rail);-webkit-print-color-adjust:exact;"
    "print-color-adjust:exact}",
    ".rail i{position:absolute;display:block}",
    ".bar{left:0;top:0;bottom:0;border-radius:3px;background:var(--uar)}",
    ".war .bar,.f1 .bar{background:var(--war)}.pre .bar{background:#8a8175}",
    ".span{top:5px;height:2px;background:var(--mark);min-width:2px}",
    ".span:before,.span:after{content:\"\";position:absolute;top:-2px;"
    "height:6px;width:1.5px;background:var(--mark)}",
    ".span:after{right:0}",
    ".chance{top:-2px;bottom:-2px;border-left:1.5px dashed var(--mark);"
    "opacity:.6}",
    ".ref{bottom:-5px;margin-left:-4px;border:4px solid transparent;"
    "border-bottom:5px solid var(--mark);border-top:0}",
    ".legend{display:flex;flex-wrap:wrap;gap:4px 20px;margin:10px 8px 0;"
    "font-size:12px;color:var(--soft)}",
    ".legend .rail{display:inline-block;width:34px;margin-right:7px;"
    "vertical-align:-1px;background:none}",
    ".legend .bar{width:100%}",
    ".head th[scope=row]{font-weight:500;min-width:5.4em}.head th "
    "a{text-decoration:none}",
    ".head .uar,.head .war{width:36%}.head thead .ours{text-align:right}",
    ".head td,.head tbody th{padding-top:7px;padding-bottom:7px}",

    /* Cards. */
    "details>summary{cursor:pointer}",
    ".card{background:var(--card);border:1px solid var(--line);"
    "border-radius:14px;margin-top:10px}",
    ".card>summary{display:flex;flex-wrap:wrap;gap:4px 18px;"
    "align-items:baseline;padding:13px 20px;list-style:none}",
    ".card>summary::-webkit-details-marker{display:none}",
    ".card>summary:before{content:\"\";width:7px;height:7px;flex:none;"
    "border:solid var(--soft);border-width:0 2px 2px 0;"
    "transform:translateY(-2px) rotate(-45deg)}",
    ".card[open]>summary:before{transform:translateY(-4px) rotate(45deg)}",
    ".card>summary h3{flex:1 1 220px}.card>summary h3 span{font-weight:400;"
    "color:var(--soft)}",
    ".card>summary .nums{font-variant-numeric:tabular-nums}",
    ".inner{padding:4px 20px 22px}",
    ".tiles{display:grid;gap:10px;margin:0 0 16px;"
    "grid-template-columns:repeat(auto-fit,minmax(128px,1fr))}",
    ".tile{border:1px solid var(--line);border-radius:10px;padding:10px 14px}",
    ".tile span{display:block;font-size:12px;color:var(--soft)}",
    ".tile b{font-size:23px;font-weight:640;letter-spacing:-.02em;"
    "font-variant-numeric:tabular-nums}",
    ".tile small{display:block;font-size:12px}",
    ".two{display:grid;gap:26px 36px;margin-top:22px;"
    "grid-template-columns:repeat(auto-fit,minmax(min(100%,430px),1fr))}",
    ".two>*{min-width:0}.stack>*+*{margin-top:28px}figure{margin:0}",
    ".inner>.fold{margin-top:24px;padding:12px 0 0}",
    "figcaption{font-size:13px;color:var(--soft);margin-top:6px}",
    ".curve{display:block;width:100%;max-width:440px;height:auto;"
    "font-size:11px;fill:var(--soft)}.curve .rule{stroke:var(--line)}",
    ".curve .right{fill:var(--war)}.curve .gap{fill:var(--uar);opacity:.3}"
    ".curve .count{fill:var(--soft);opacity:.7}",
    ".curve .ideal{stroke:var(--mark);stroke-width:1.2;"
    "stroke-dasharray:4 4}",

    /* Confusion matrix. */
    ".heat{border-collapse:separate;border-spacing:2px;font-size:13px;"
    "table-layout:auto}",
    ".heat th{padding:2px 6px;font-weight:500;border:0;font-size:12px;"
    "color:var(--text);overflow-wrap:normal}",
    ".heat tbody tr+tr>*{border:0}",
    ".heat thead th{vertical-align:bottom;text-align:center}",
    ".heat thead th span{writing-mode:vertical-rl;transform:rotate(180deg);"
    "white-space:nowrap;max-height:130px;overflow:hidden;"
    "text-overflow:ellipsis}",
    ".heat tbody th{text-align:right;max-width:130px;overflow:hidden;"
    "text-overflow:ellipsis;white-space:nowrap}",
    ".heat td{text-align:center;padding:8px 2px;min-width:38px;"
    "border-radius:4px;-webkit-print-color-adjust:exact;"
    "print-color-adjust:exact}",
    ".heat td.sum{color:var(--soft);text-align:right;padding:0 4px 0 8px}",

    /* Classes. */
    ".classes{font-size:13px}.classes td,.classes th{padding:4px 6px}",
    ".classes td:not(:last-child){width:23%}",
    ".classes .rail{height:5px;margin-top:2px}.classes tbody "
    "th{font-weight:500}",
    ".ranks .m{grid-template-columns:4em 1fr 3.6em;font-size:13px;gap:8px;"
    "padding:3px 0}.ranks b{text-align:right}.ranks .rail{height:7px}"
    ".ranks .bar{background:var(--war)}",

    /* Prompts and words. */
    ".fold{border-top:1px solid var(--line);padding:8px 0}",
    ".fold>summary{font-weight:560}.fold dl{margin:10px 0}",
    ".panel>.fold:first-child{border:0}",
    ".text{display:grid;gap:20px 44px;margin-top:12px;"
    "grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr))}",
    ".text h3{margin:0 0 2px}.text p{margin:0}",

    /* Narrow. */
    "@media(max-width:700px){body{padding:24px 14px}h1{font-size:25px}"
    ".panel,.inner{padding-left:14px;padding-right:14px}"
    ".card>summary{padding:12px 14px}"
    ".tools{position:static;margin:20px -14px 0;padding:8px 14px}.tools "
    "nav{flex-basis:100%}"
    ".tools form{flex:1}"
    ".head .ours{display:none}.head .m{grid-template-columns:1fr auto;gap:2px}"
    ".head .m b{text-align:left}.head .m .rail{grid-row:2;grid-column:1/3}"
    ".head .uar,.head .war{width:36%}"
    ".head td,.head th{padding-left:5px;padding-right:5px}"
    ".head .m small{font-size:11px;white-space:nowrap}"
    ".tile "
    "b{font-size:20px}dl{grid-template-columns:repeat(auto-fill,minmax(130px,"
    "1fr))}"
    ".classes td:not(:last-child){width:20%}.heat th{padding:2px 4px}"
    ".heat td{padding:7px 1px;min-width:30px;"
    "font-size:12px}}",

    /* Paper. */
    "@media print{:root{--page:#fff}body{padding:0;max-width:none;"
    "font-size:11px}.tools,.skip{display:none}h2,h4{break-after:avoid}"
    ".panel,tr,figure,.heat,.classes{break-inside:avoid}.card:not([open]){"
    "display:none}"
    "section{margin-top:20px}.panel,.card{border-color:#bbb}"
    ".two{grid-template-columns:1fr 1fr;gap:20px;margin-top:14px}"
    ".lead,dd,.note,h3,small,.tile small{font-size:11px}"
    ".tile b{font-size:16px}.tiles{grid-template-columns:repeat(6,1fr)}"
    ".heat,.classes,.ranks .m,.heat th{font-size:9px}"
    ".heat td{padding:5px 0;min-width:24px}.heat th{padding:1px 3px}"
    ".classes td,.classes th{padding:2px 4px}}",
};

enum { N_LEVELS = 20, N_STOPS = 9 };

/* ColorBrewer's Reds, 9 classes. */
static const unsigned light[N_STOPS] = { 0xFFF5F0, 0xFEE0D2, 0xFCBBA1,
                                         0xFC9272, 0xFB6A4A, 0xEF3B2C,
                                         0xCB181D, 0xA50F15, 0x67000D };
static const unsigned dark[N_STOPS] = { 0x2A2B2F, 0x3D2022, 0x551D20,
                                        0x6E1A1E, 0x88171C, 0xA2171B,
                                        0xBA1C1E, 0xCB2422, 0xD62A25 };

static unsigned mix(unsigned a, unsigned b, double share)
{
    unsigned sum = 0;

    for (unsigned shift = 0; shift <= 16; shift += 8) {
        const double x = a >> shift & 255;
        const double y = b >> shift & 255;
        sum |= (unsigned)lround(x + (y - x) * share) << shift;
    }
    return sum;
}

/** @param first_white  level from which the text must be white to be read */
static void print_heat(FILE *f, const unsigned stops[N_STOPS],
                       size_t first_white)
{
    for (size_t i = 0; i <= N_LEVELS; i++) {
        const double place = (double)i / N_LEVELS * (N_STOPS - 1);
        const size_t stop = i < N_LEVELS ? (size_t)place : N_STOPS - 2;
        fprintf(f, ".h%zu{background:#%06x;color:%s}", i,
                mix(stops[stop], stops[stop + 1], place - (double)stop),
                i < first_white ? "#000" : "#fff");
    }
    fputc('\n', f);
}

void report_style(FILE *f)
{
    fputs("<style>\n", f);
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        fprintf(f, "%s\n", rules[i]);
    print_heat(f, light, 14);
    fputs("@media(prefers-color-scheme:dark){\n", f);
    print_heat(f, dark, 0);
    fputs("}\n</style>\n", f);
}
