/* SPDX-License-Identifier: MIT */
/*
 * plot_none.c - in the place of the other plot_*.c where cairo is missing.
 */
#include "terminal/failure.h"
#include "plots/plot.h"
#include "shared/formats.h"
#include "terminal/console.h"

int plot_available(void)
{
    return 0;
}

int plot_knows(const char *path)
{
    return expclip__ends_in(path, ".svg") || expclip__ends_in(path, ".pdf") ||
           expclip__ends_in(path, ".png");
}

int plot_file(const char *path, const plot_drawing *drawing)
{
    (void)drawing;
    console_error("plot %s: this program was built without cairo, which draws"
                  " plots",
                  path);
    return EXIT_USAGE;
}

char *plot_svg(const plot_drawing *drawing, json_t *glyphs)
{
    (void)drawing;
    (void)glyphs;
    return NULL;
}

unsigned char *plot_photo_pixels(const photo_plot *p, int32_t width,
                                 int32_t height)
{
    (void)p;
    (void)width;
    (void)height;
    return NULL;
}

/* Nothing is drawn. */
#define PLOT_NONE(name)                                                        \
    plot_drawing plot_##name(const name##_plot *p)                             \
    {                                                                          \
        return (plot_drawing){ .title = p->title };                            \
    }
PLOT_NONE(confusion)
PLOT_NONE(photo)
PLOT_NONE(reliability)
PLOT_NONE(timeline)
PLOT_NONE(training)
