/* SPDX-License-Identifier: MIT */
/*
 * report_curve.c - the reliability curve in the page: a few rectangles in the
 * page's own colours, so that it is small and follows day and night. (The one
 * in plots/ is drawn for papers.)
 */
#include <math.h>

#include "report/report_files.h"

/* Places in the picture: accuracy above, numbers of items below. */
enum {
    WIDTH = 420,
    HEIGHT = 330,
    LEFT = 46,
    RIGHT = 412,
    TOP = 10,
    BOTTOM = 246,
    COUNT_TOP = 258,
    COUNT_BOTTOM = 296
};

static double across(double share)
{
    return LEFT + (RIGHT - LEFT) * share;
}

static double up(double share)
{
    return BOTTOM - (BOTTOM - TOP) * share;
}

static void print_grid(FILE *f)
{
    for (int i = 0; i <= 5; i++) {
        const double share = i / 5.0;
        fprintf(f,
                "<path class=\"rule\" d=\"M%d %.1fH%d\"/>"
                "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%d</text>"
                "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>\n",
                LEFT, up(share), RIGHT, LEFT - 7, up(share) + 4, 20 * i,
                across(share), COUNT_BOTTOM + 14, 20 * i);
    }
    fprintf(f,
            "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">Confidence, %%"
            "</text><text transform=\"translate(11 %d) rotate(-90)\""
            " text-anchor=\"middle\">Accuracy, %%</text>"
            "<text transform=\"translate(11 %d) rotate(-90)\""
            " text-anchor=\"middle\">Items</text>\n",
            (LEFT + RIGHT) / 2, HEIGHT - 4, (TOP + BOTTOM) / 2,
            (COUNT_TOP + COUNT_BOTTOM) / 2);
}

static void print_box(FILE *f, const char *kind, double x, double width,
                      double top, double bottom)
{
    fprintf(f,
            "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\""
            " height=\"%.1f\"/>",
            kind, x, top, width, bottom - top);
}

static void print_bin(FILE *f, const json_t *bin, double most)
{
    const double low = report_number(bin, "low");
    const double high = report_number(bin, "high");
    const double n = report_number(bin, "n");
    const double confidence = report_number(bin, "confidence");
    const double accuracy = report_number(bin, "accuracy");
    const double x = across(low) + 1;
    const double width = across(high) - across(low) - 2;

    if (!(n > 0) || !isfinite(confidence + accuracy))
        return;
    fprintf(f,
            "<g><title>Confidence %.1f to %.1f %%: %.0f items, mean confidence"
            " %.1f %%, accuracy %.1f %%</title>",
            100 * low, 100 * high, n, 100 * confidence, 100 * accuracy);
    print_box(f, "right", x, width, up(accuracy), BOTTOM);
    print_box(f, "gap", x, width, up(fmax(accuracy, confidence)),
              up(fmin(accuracy, confidence)));
    print_box(f, "count", x, width,
              COUNT_BOTTOM - (COUNT_BOTTOM - COUNT_TOP) * n / most,
              COUNT_BOTTOM);
    fputs("</g>\n", f);
}

int report_curve(FILE *f, const json_t *calibration)
{
    const json_t *bins = json_object_get(calibration, "bins");
    double most = 0;
    const json_t *bin;
    size_t i;

    json_array_foreach (bins, i, bin)
        most = fmax(most, report_number(bin, "n"));
    if (!(most > 0))
        return 0;
    fprintf(f,
            "<svg class=\"curve\" viewBox=\"0 0 %d %d\" role=\"img\""
            " aria-label=\"Accuracy by confidence, a bar a bin; the diagonal"
            " is perfect calibration\">\n",
            WIDTH, HEIGHT);
    print_grid(f);
    json_array_foreach (bins, i, bin)
        print_bin(f, bin, most);
    fprintf(f, "<path class=\"ideal\" d=\"M%d %dL%d %d\"/>\n</svg>\n", LEFT,
            BOTTOM, RIGHT, TOP);
    return 1;
}
