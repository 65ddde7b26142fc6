/* SPDX-License-Identifier: MIT */
/*
 * plot_none.c - in the place of the other plot_*.c where cairo is missing.
 */
#include <string.h>
#include <strings.h>

#include "terminal/failure.h"
#include "plots/plot.h"
#include "terminal/console.h"

int plot_available(void)
{
    return 0;
}

int plot_knows(const char *path)
{
    static const char *const endings[] = { ".svg", ".pdf", ".png" };
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot && i < sizeof(endings) / sizeof(endings[0]); i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return 1;
    return 0;
}

static int refuse(const char *path)
{
    console_error("plot %s: this program was built without cairo, which draws"
                  " plots",
                  path);
    return EXIT_USAGE;
}

int plot_confusion_file(const char *path, const confusion_plot *p)
{
    (void)p;
    return refuse(path);
}

int plot_reliability_file(const char *path, const reliability_plot *p)
{
    (void)p;
    return refuse(path);
}

int plot_timeline_file(const char *path, const timeline_plot *p)
{
    (void)p;
    return refuse(path);
}

int plot_training_file(const char *path, const training_plot *p)
{
    (void)p;
    return refuse(path);
}

char *plot_confusion_svg(const confusion_plot *p)
{
    (void)p;
    return NULL;
}

char *plot_reliability_svg(const reliability_plot *p)
{
    (void)p;
    return NULL;
}

char *plot_timeline_svg(const timeline_plot *p)
{
    (void)p;
    return NULL;
}
