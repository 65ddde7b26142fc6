/* SPDX-License-Identifier: MIT */
/*
 * prompt_tables.c - the prompts of the paper's reference.
 *
 * Source: zengqunzhao/Exp-CLIP, models/Text.py. The ensembles are
 * irregular (sadness has its own order, some classes their own verbs), so the
 * literal tables are kept. The templates word classes of the user's own.
 */
#include "expression/prompt_tables.h"

static const char *const type4[] = {
    /* happiness */
    "an expression of happiness.",
    "a photo of a face with an expression of happiness.",
    "a photo radiating happiness in a person.",
    "a photo showing someone immersed in happiness.",
    "a photo capturing happiness within an individual.",
    /* sadness */
    "an expression of sadness.",
    "a cropped photo emphasizing a face expressing sadness.",
    "a photo exuding sadness in a person.",
    "a photo showing someone immersed in sadness.",
    "a photo capturing sadness within an individual.",
    /* neutral */
    "an expression of neutral.",
    "a photo of a face with an expression of neutral.",
    "a photo radiating neutral in a person.",
    "a photo showing someone immersed in neutral.",
    "a photo capturing neutral within an individual.",
    /* anger */
    "an expression of anger.",
    "a photo of a face with an expression of anger.",
    "a photo radiating anger in a person.",
    "a photo showing someone immersed in anger.",
    "a photo capturing anger within an individual.",
    /* surprise */
    "an expression of surprise.",
    "a photo of a face with an expression of surprise.",
    "a photo radiating surprise in a person.",
    "a photo showing someone immersed in surprise.",
    "a photo capturing surprise within an individual.",
    /* disgust */
    "an expression of disgust.",
    "a photo of a face with an expression of disgust.",
    "a photo radiating disgust in a person.",
    "a photo showing someone immersed in disgust.",
    "a photo capturing disgust within an individual.",
    /* fear */
    "an expression of fear.",
    "a photo of a face with an expression of fear.",
    "a photo radiating fear in a person.",
    "a photo showing someone immersed in fear.",
    "a photo capturing fear within an individual.",
    /* contempt */
    "an expression of contempt.",
    "a photo of a face with an expression of contempt.",
    "a photo radiating contempt in a person.",
    "a photo showing someone immersed in contempt.",
    "a photo capturing contempt within an individual.",
    /* anxiety */
    "an expression of anxiety.",
    "a photo of a face with an expression of anxiety.",
    "a photo radiating anxiety in a person.",
    "a photo showing someone immersed in anxiety.",
    "a photo capturing anxiety within an individual.",
    /* helplessness */
    "an expression of helplessness.",
    "a photo of a face with an expression of helplessness.",
    "a photo radiating helplessness in a person.",
    "a photo showing someone immersed in helplessness.",
    "a photo capturing helplessness within an individual.",
    /* disappointment */
    "an expression of disappointment.",
    "a photo of a face with an expression of disappointment.",
    "a photo radiating disappointment in a person.",
    "a photo showing someone immersed in disappointment.",
    "a photo capturing disappointment within an individual.",
};

static const char *const type5[] = {
    /* happiness */
    "an expression of happiness.",
    "a photo of a face with an expression of happiness.",
    "a photo radiating happiness in a person.",
    "a photo showing someone immersed in happiness.",
    "a photo capturing happiness within an individual.",
    "a photo of a face exuding happiness.",
    "a photo of a person embodying happiness.",
    "a good photo capturing someone's happiness.",
    "a cropped photo emphasizing a face expressing happiness.",
    "a clean photo showcasing a person's happiness.",
    /* sadness */
    "an expression of sadness.",
    "a cropped photo emphasizing a face expressing sadness.",
    "a photo exuding sadness in a person.",
    "a photo showing someone immersed in sadness.",
    "a photo capturing sadness within an individual.",
    "a photo of a face displaying sadness.",
    "a photo of a person embodying sadness.",
    "a good photo capturing someone's sadness.",
    "a photo of a face with an expression of sadness.",
    "a clean photo showcasing a person's sadness.",
    /* neutral */
    "an expression of neutral.",
    "a photo of a face with an expression of neutral.",
    "a photo radiating neutral in a person.",
    "a photo showing someone immersed in neutral.",
    "a photo capturing neutral within an individual.",
    "a photo of a face displaying neutral.",
    "a photo of a person embodying neutral.",
    "a good photo capturing someone's neutral state.",
    "a cropped photo emphasizing a face expressing neutral.",
    "a clean photo showcasing a person's neutral expression.",
    /* anger */
    "an expression of anger.",
    "a photo of a face with an expression of anger.",
    "a photo radiating anger in a person.",
    "a photo showing someone immersed in anger.",
    "a photo capturing anger within an individual.",
    "a photo of a face displaying anger.",
    "a photo of a person embodying anger.",
    "a good photo capturing someone's anger.",
    "a cropped photo emphasizing a face expressing anger.",
    "a clean photo showcasing a person's angry expression.",
    /* surprise */
    "an expression of surprise.",
    "a photo of a face with an expression of surprise.",
    "a photo radiating surprise in a person.",
    "a photo showing someone immersed in surprise.",
    "a photo capturing surprise within an individual.",
    "a photo of a face displaying surprise.",
    "a photo of a person embodying surprise.",
    "a good photo capturing someone's surprise.",
    "a cropped photo emphasizing a face expressing surprise.",
    "a clean photo showcasing a person's surprised expression.",
    /* disgust */
    "an expression of disgust.",
    "a photo of a face with an expression of disgust.",
    "a photo radiating disgust in a person.",
    "a photo showing someone immersed in disgust.",
    "a photo capturing disgust within an individual.",
    "a photo of a face displaying disgust.",
    "a photo of a person embodying disgust.",
    "a good photo capturing someone's disgust.",
    "a cropped photo emphasizing a face expressing disgust.",
    "a clean photo showcasing a person's disgusted expression.",
    /* fear */
    "an expression of fear.",
    "a photo of a face with an expression of fear.",
    "a photo radiating fear in a person.",
    "a photo showing someone immersed in fear.",
    "a photo capturing fear within an individual.",
    "a photo of a face displaying fear.",
    "a photo of a person embodying fear.",
    "a good photo capturing someone's fear.",
    "a cropped photo emphasizing a face expressing fear.",
    "a clean photo showcasing a person's fearful expression.",
    /* contempt */
    "an expression of contempt.",
    "a photo of a face with an expression of contempt.",
    "a photo radiating contempt in a person.",
    "a photo showing someone immersed in contempt.",
    "a photo capturing contempt within an individual.",
    "a photo of a face displaying contempt.",
    "a photo of a person embodying contempt.",
    "a good photo capturing someone's contempt.",
    "a cropped photo emphasizing a face expressing contempt.",
    "a clean photo showcasing a person's contemptuous expression.",
    /* anxiety */
    "an expression of anxiety.",
    "a photo of a face with an expression of anxiety.",
    "a photo radiating anxiety in a person.",
    "a photo showing someone immersed in anxiety.",
    "a photo capturing anxiety within an individual.",
    "a photo of a face displaying anxiety.",
    "a photo of a person embodying anxiety.",
    "a good photo capturing someone's anxiety.",
    "a cropped photo emphasizing a face expressing anxiety.",
    "a clean photo showcasing a person's anxious expression.",
    /* helplessness */
    "an expression of helplessness.",
    "a photo of a face with an expression of helplessness.",
    "a photo radiating helplessness in a person.",
    "a photo showing someone immersed in helplessness.",
    "a photo capturing helplessness within an individual.",
    "a photo of a face displaying helplessness.",
    "a photo of a person embodying helplessness.",
    "a good photo capturing someone's helplessness.",
    "a cropped photo emphasizing a face expressing helplessness.",
    "a clean photo showcasing a person's helpless expression.",
    /* disappointment */
    "an expression of disappointment.",
    "a photo of a face with an expression of disappointment.",
    "a photo radiating disappointment in a person.",
    "a photo showing someone immersed in disappointment.",
    "a photo capturing disappointment within an individual.",
    "a photo of a face displaying disappointment.",
    "a photo of a person embodying disappointment.",
    "a good photo capturing someone's disappointment.",
    "a cropped photo emphasizing a face expressing disappointment.",
    "a clean photo showcasing a person's disappointed expression.",
};

/* The usual wording, for classes that the tables do not have. */
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

static const char *const type1_template[] = {
    "{}.",
};
static const char *const type2_template[] = {
    "an expression of {}.",
};
static const char *const type3_template[] = {
    "a photo of a face with an expression of {}.",
};

const expclip__prompt_set expclip__prompt_sets[EXPCLIP__N_PROMPT_SETS] = {
    { "type1", 1, type1_template, NULL }, { "type2", 1, type2_template, NULL },
    { "type3", 1, type3_template, NULL }, { "type4", 5, templates, type4 },
    { "type5", 10, templates, type5 },
};
