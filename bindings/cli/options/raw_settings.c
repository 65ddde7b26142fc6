/* SPDX-License-Identifier: MIT */
/*
 * raw_settings.c - which options go with frames from stdin.
 */
#include "options/raw_settings.h"

#include <string.h>

#include "options/option_table.h"
#include "terminal/console.h"

/* Each would be without effect, and why. */
static const struct {
    const char *name;
    const char *why;
} excluded[] = {
    { "draw", "a stream is not read a second time, to be drawn" },
    { "timeline", "its lines are a timeline" },
    { "sampling", "every frame is scored that there is time for" },
    { "frames", "every frame is scored that there is time for" },
    { "order", "frames are taken as they come" },
    { "start", "frames are taken as they come" },
    { "end", "frames are taken as they come" },
    { "frame-rate", "the rate stands in WxH@FPS" },
    { "no-rotate", "bare pixels have no rotation" },
    { "exif", "bare pixels have no EXIF tag" },
    { "allow-truncated", "bare pixels are no image files" },
    { "smooth", "each line is of its frame alone" },
    { "ema", "each line is of its frame alone" },
    { "median", "each line is of its frame alone" },
    { "enter", "its lines are no segments" },
    { "leave", "its lines are no segments" },
    { "min-segment", "its lines are no segments" },
};

static const char *why_not(const command_option *o)
{
    for (size_t i = 0; i < sizeof(excluded) / sizeof(excluded[0]); i++)
        if (strcmp(excluded[i].name, o->name) == 0)
            return excluded[i].why;
    return NULL;
}

static int check_options(const raw_settings *s)
{
    for (const command_option *o = s->options; o->kind; o++) {
        const char *why = why_not(o);

        if (why && option_is_changed(o, s->settings, s->defaults)) {
            console_error("--raw and --%s exclude each other: %s", o->name,
                          why);
            return EXIT_USAGE;
        }
    }
    return 0;
}

int raw_settings_read(raw_format *out, const raw_settings *s, int n_operands,
                      char **operands)
{
    const int is_stdin = n_operands == 1 && strcmp(operands[0], "-") == 0;

    if (!s->raw && is_stdin) {
        console_error("-: a clip on stdin is read as bare pixels only: see"
                      " --raw in \"expclip clip --help\"");
        return EXIT_USAGE;
    }
    if (!s->raw)
        return 0;
    if (!raw_format_parse(out, s->raw)) {
        console_error("--raw: found \"%s\", expected WIDTHxHEIGHT or "
                      "WIDTHxHEIGHT@FPS, such as 640x480@25",
                      s->raw);
        return EXIT_USAGE;
    }
    if (!is_stdin) {
        console_error("--raw reads stdin: the one operand is -");
        return EXIT_USAGE;
    }
    return check_options(s);
}
