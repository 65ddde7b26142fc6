/* SPDX-License-Identifier: MIT */
/*
 * prompt_tables.c - the prompts of the paper's reference.
 *
 * Source: zengqunzhao/Exp-CLIP, models/Text.py. The ensembles are written out
 * there class by class, and nearly all follow one wording; where they do not
 * (sadness has its own order, some classes their own forms), an exception has
 * the words. The templates word classes of the user's own, too.
 */
#include "expression/prompt_tables.h"

#include <string.h>

/* The usual wording, for any class; type2 is the first and type3 the second. */
static const char *const templates[] = {
    "an expression of {}.",
    "a photo of a face with an expression of {}.",
    "a photo radiating {} in a person.",
    "a photo showing someone immersed in {}.",
    "a photo capturing {} within an individual.",
    "a photo of a face displaying {}.",
    "a photo of a person embodying {}.",
    "a good photo capturing someone's {}.",
    "a cropped photo emphasizing a face expressing {}.",
    "a clean photo showcasing a person's {}.",
};

static const char *const type1_template[] = { "{}." };
const expclip__prompt_set expclip__prompt_sets[EXPCLIP__N_PROMPT_SETS] = {
    { "type1", 1, type1_template }, { "type2", 1, templates },
    { "type3", 1, templates + 1 },  { "type4", 5, templates },
    { "type5", 10, templates },
};

/* Of type4 and type5: where the paper words it otherwise. */
static const struct {
    const char *class_name;
    size_t prompt;
    const char *text;
} exceptions[] = {
    { "happiness", 5, "a photo of a face exuding happiness." },
    { "sadness", 1, "a cropped photo emphasizing a face expressing sadness." },
    { "sadness", 2, "a photo exuding sadness in a person." },
    { "sadness", 8, "a photo of a face with an expression of sadness." },
    { "neutral", 7, "a good photo capturing someone's neutral state." },
    { "neutral", 9, "a clean photo showcasing a person's neutral expression." },
    { "anger", 9, "a clean photo showcasing a person's angry expression." },
    { "surprise", 9,
      "a clean photo showcasing a person's surprised expression." },
    { "disgust", 9,
      "a clean photo showcasing a person's disgusted expression." },
    { "fear", 9, "a clean photo showcasing a person's fearful expression." },
    { "contempt", 9,
      "a clean photo showcasing a person's contemptuous expression." },
    { "anxiety", 9, "a clean photo showcasing a person's anxious expression." },
    { "helplessness", 9,
      "a clean photo showcasing a person's helpless expression." },
    { "disappointment", 9,
      "a clean photo showcasing a person's disappointed expression." },
};

const char *expclip__prompt_exception(const expclip__prompt_set *set,
                                      const char *class_name, size_t prompt)
{
    if (set->n_prompts == 1)
        return NULL;
    for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
        if (exceptions[i].prompt == prompt &&
            strcmp(exceptions[i].class_name, class_name) == 0)
            return exceptions[i].text;
    return NULL;
}
