/* SPDX-License-Identifier: MIT */
/*
 * model_settings.c - the options that say which model runs, and how.
 */
#include "options/model_settings.h"

#include <string.h>

#include "inputs/inputs.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/stop.h"
#include "views/outfile.h"

int model_settings_load(expclip_model **out, const model_settings *s)
{
    expclip_error err;

    outfile_protect(s->model);
    outfile_protect(s->load.head);
    if (expclip_model_load(out, s->model, &s->load, &err))
        return failure_report_as(&err, EXIT_MODEL);
    if (strcmp(s->model, "demo") == 0)
        console_note("the demo model is for drawn faces, to try the software:"
                     " it does not read photographs");
    return stop_wanted() ? EXIT_RESOURCES : 0;
}

int image_settings_read(expclip_image_options *out, const image_settings *s)
{
    face_box box = { 0, 0, 0, 0, 0 };

    if (s->box && !face_box_parse(&box, s->box)) {
        console_error("--box: found \"%s\", expected x,y,width,height[,margin]:"
                      " whole pixels, margin from 0 to 1",
                      s->box);
        return EXIT_USAGE;
    }
    *out = s->image;
    out->box_x = box.x;
    out->box_y = box.y;
    out->box_width = box.width;
    out->box_height = box.height;
    out->box_margin = box.margin;
    return 0;
}
