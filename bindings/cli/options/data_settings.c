/* SPDX-License-Identifier: MIT */
/*
 * data_settings.c - datasets as a command line names them, and the options
 * that say how they are read.
 */
#include "options/data_settings.h"

#include <stdlib.h>
#include <string.h>

#include "options/comma_words.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"

/** "OLD=NEW" into two texts for free(). @return 0 or EXIT_USAGE */
static int read_map(char **from, char **to, const char *map)
{
    const char *equals = map ? strchr(map, '=') : NULL;

    if (map && (!equals || equals == map)) {
        console_error("--root-map: found \"%s\", expected OLD=NEW", map);
        return EXIT_USAGE;
    }
    *from = map ? memory_text("%.*s", (int)(equals - map), map)
                : memory_text("%s", "");
    *to = memory_text("%s", map ? equals + 1 : "");
    return 0;
}

/** Of "PATH,LIST,LIST". */
static int open_named(expclip_dataset **out, const char *name,
                      const char *files, const expclip_dataset_options *options)
{
    comma_words w = { NULL, 0 };
    expclip_error err;
    int rc = 0;

    comma_words_add_names(&w, files);
    if (expclip_dataset_open(out, name, w.items[0],
                             (const char *const *)w.items + 1, w.n - 1, options,
                             &err))
        rc = failure_report_as(&err, EXIT_SOME_FAILED);
    comma_words_free(&w);
    return rc;
}

void data_settings_tell(const expclip_dataset *data)
{
    for (size_t i = 0; i < expclip_dataset_problem_count(data); i++)
        console_error("left out: %s", expclip_dataset_problem(data, i));
    for (size_t i = 0; i < expclip_dataset_note_count(data); i++)
        console_error("note: %s", expclip_dataset_note(data, i));
}

int data_settings_try(expclip_dataset **out, const char *spec,
                      const data_settings *s)
{
    expclip_dataset_options options = EXPCLIP_DATASET_OPTIONS_INIT;
    const char *equals = strchr(spec, '=');
    char *name, *path, *from = NULL, *to = NULL;
    int rc;

    if (!equals || equals == spec || !equals[1] || equals[1] == ',') {
        console_error("dataset: found \"%s\", expected NAME=PATH[,LIST]...,"
                      " such as RAFDB=/data/RAF-DB",
                      spec);
        return EXIT_USAGE;
    }
    rc = read_map(&from, &to, s->root_map);
    if (rc)
        return rc;
    options.split = s->split;
    options.map_from = from;
    options.map_to = to;
    options.labels = s->labels ? s->labels : "";
    options.policy = strcmp(s->policy, "skip") == 0 ? EXPCLIP_POLICY_SKIP
                                                    : EXPCLIP_POLICY_STOP;
    name = memory_text("%.*s", (int)(equals - spec), spec);
    path = memory_text("%s", equals + 1);
    rc = open_named(out, name, path, &options);
    free(name);
    free(path);
    free(from);
    free(to);
    return rc;
}

int data_settings_open(expclip_dataset **out, const char *spec,
                       const data_settings *s)
{
    const int rc = data_settings_try(out, spec, s);

    return rc == EXIT_SOME_FAILED ? EXIT_USAGE : rc;
}
