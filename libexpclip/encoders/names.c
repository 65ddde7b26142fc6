/* SPDX-License-Identifier: MIT */
/*
 * names.c - the tensor names of checkpoints, each spelled once.
 *
 * Two families: OpenAI's (CLIP model.py), which open_clip shares, and Hugging
 * Face's (transformers modeling_clip.py; "pre_layrnorm" is spelled so there).
 * Programs that train put words before every name ("module.", "_orig_mod.",
 * "model."): the prefix is whatever stands before the class embedding's name.
 * open_clip's CustomTextCLIP puts "text." before the names of the text tower.
 */
#include "encoders/names.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

typedef struct name_pair {
    const char *openai;
    const char *hugging_face;
} name_pair;

static const name_pair names[EXPCLIP__N_TENSORS] = {
    [EXPCLIP__CLASS_EMBEDDING] = { "visual.class_embedding",
                                   "vision_model.embeddings.class_embedding" },
    [EXPCLIP__PATCH_EMBEDDING] = { "visual.conv1.weight",
                                   "vision_model.embeddings.patch_embedding."
                                   "weight" },
    [EXPCLIP__VISION_POSITIONS] = { "visual.positional_embedding",
                                    "vision_model.embeddings.position_"
                                    "embedding.weight" },
    [EXPCLIP__LN_PRE_WEIGHT] = { "visual.ln_pre.weight",
                                 "vision_model.pre_layrnorm.weight" },
    [EXPCLIP__LN_PRE_BIAS] = { "visual.ln_pre.bias",
                               "vision_model.pre_layrnorm.bias" },
    [EXPCLIP__LN_POST_WEIGHT] = { "visual.ln_post.weight",
                                  "vision_model.post_layernorm.weight" },
    [EXPCLIP__LN_POST_BIAS] = { "visual.ln_post.bias",
                                "vision_model.post_layernorm.bias" },
    [EXPCLIP__VISION_PROJECTION] = { "visual.proj",
                                     "visual_projection.weight" },
    [EXPCLIP__TOKEN_EMBEDDING] = { "token_embedding.weight",
                                   "text_model.embeddings.token_embedding."
                                   "weight" },
    [EXPCLIP__TEXT_POSITIONS] = { "positional_embedding",
                                  "text_model.embeddings.position_embedding."
                                  "weight" },
    [EXPCLIP__LN_FINAL_WEIGHT] = { "ln_final.weight",
                                   "text_model.final_layer_norm.weight" },
    [EXPCLIP__LN_FINAL_BIAS] = { "ln_final.bias",
                                 "text_model.final_layer_norm.bias" },
    [EXPCLIP__TEXT_PROJECTION] = { "text_projection",
                                   "text_projection.weight" },
    [EXPCLIP__LOGIT_SCALE] = { "logit_scale", "logit_scale" },
};

static const name_pair block_names[EXPCLIP__N_BLOCK_TENSORS] = {
    [EXPCLIP__LN_1_WEIGHT] = { "ln_1.weight", "layer_norm1.weight" },
    [EXPCLIP__LN_1_BIAS] = { "ln_1.bias", "layer_norm1.bias" },
    [EXPCLIP__QKV_WEIGHT] = { "attn.in_proj_weight", NULL },
    [EXPCLIP__QKV_BIAS] = { "attn.in_proj_bias", NULL },
    [EXPCLIP__Q_WEIGHT] = { NULL, "self_attn.q_proj.weight" },
    [EXPCLIP__Q_BIAS] = { NULL, "self_attn.q_proj.bias" },
    [EXPCLIP__K_WEIGHT] = { NULL, "self_attn.k_proj.weight" },
    [EXPCLIP__K_BIAS] = { NULL, "self_attn.k_proj.bias" },
    [EXPCLIP__V_WEIGHT] = { NULL, "self_attn.v_proj.weight" },
    [EXPCLIP__V_BIAS] = { NULL, "self_attn.v_proj.bias" },
    [EXPCLIP__OUT_WEIGHT] = { "attn.out_proj.weight",
                              "self_attn.out_proj.weight" },
    [EXPCLIP__OUT_BIAS] = { "attn.out_proj.bias", "self_attn.out_proj.bias" },
    [EXPCLIP__LN_2_WEIGHT] = { "ln_2.weight", "layer_norm2.weight" },
    [EXPCLIP__LN_2_BIAS] = { "ln_2.bias", "layer_norm2.bias" },
    [EXPCLIP__FC_WEIGHT] = { "mlp.c_fc.weight", "mlp.fc1.weight" },
    [EXPCLIP__FC_BIAS] = { "mlp.c_fc.bias", "mlp.fc1.bias" },
    [EXPCLIP__PROJ_WEIGHT] = { "mlp.c_proj.weight", "mlp.fc2.weight" },
    [EXPCLIP__PROJ_BIAS] = { "mlp.c_proj.bias", "mlp.fc2.bias" },
};

/* Where the blocks of a tower are: [naming][tower]. */
static const char *const block_roots[2][2] = {
    { "visual.transformer.resblocks.", "transformer.resblocks." },
    { "vision_model.encoder.layers.", "text_model.encoder.layers." },
};

static const char *spelling(const name_pair *pair, expclip__naming naming)
{
    return naming == EXPCLIP__NAMING_OPENAI ? pair->openai : pair->hugging_face;
}

static int is_text(expclip__tensor_id id)
{
    return id >= EXPCLIP__TOKEN_EMBEDDING && id <= EXPCLIP__TEXT_PROJECTION;
}

void expclip__name(char out[EXPCLIP__NAME_SIZE], const expclip__config *config,
                   expclip__tensor_id id)
{
    snprintf(out, EXPCLIP__NAME_SIZE, "%s%s",
             is_text(id) ? config->text_prefix : config->prefix,
             spelling(&names[id], config->naming));
}

/* "module.text.transformer.resblocks." */
static void block_root(char out[EXPCLIP__NAME_SIZE],
                       const expclip__config *config, expclip__tower tower)
{
    snprintf(out, EXPCLIP__NAME_SIZE, "%s%s",
             tower == EXPCLIP__TEXT ? config->text_prefix : config->prefix,
             block_roots[config->naming][tower]);
}

void expclip__block_name(char out[EXPCLIP__NAME_SIZE],
                         const expclip__config *config, expclip__tower tower,
                         int32_t layer, expclip__block_tensor_id id)
{
    const char *name = spelling(&block_names[id], config->naming);
    size_t used;

    out[0] = '\0';
    if (!name)
        return;
    block_root(out, config, tower);
    used = strlen(out);
    snprintf(out + used, EXPCLIP__NAME_SIZE - used, "%d.%s", (int)layer, name);
}

/* ---- prefixes ---- */

/* What programs that train call the model among the rest of a checkpoint;
 * preferred to all others, such as "model_ema". */
static const char *const wrappers[] = { "state_dict.", "model_state_dict.",
                                        "model." };

/* Length of what stands before `suffix` in a name; -1 when it has no such
 * end. A prefix is whole words, each with its dot. */
static int64_t prefix_size(const char *name, const char *suffix)
{
    const size_t n = strlen(name), m = strlen(suffix);

    if (n < m || strcmp(name + n - m, suffix) != 0 ||
        (n > m && name[n - m - 1] != '.'))
        return -1;
    return (int64_t)(n - m);
}

/* The next tensor from number `*at` on whose name has that end and that
 * beginning. @return its name, or NULL */
static const char *next_name(const expclip__weights *ws, size_t *at,
                             const char *beginning, const char *suffix)
{
    while (*at < expclip__weights_count(ws)) {
        const char *name = expclip__weights_at(ws, (*at)++)->name;

        if (prefix_size(name, suffix) >= 0 &&
            strncmp(name, beginning, strlen(beginning)) == 0)
            return name;
    }
    return NULL;
}

expclip_status expclip__names_find(const char **out, const expclip__weights *ws,
                                   const char *suffix, const char *what,
                                   expclip_error *err)
{
    size_t at = 0;
    const char *first = next_name(ws, &at, "", suffix);
    const char *second = next_name(ws, &at, "", suffix);

    *out = first;
    if (!second)
        return EXPCLIP_OK;
    for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
        at = 0;
        *out = next_name(ws, &at, wrappers[i], suffix);
        if (*out && !next_name(ws, &at, wrappers[i], suffix))
            return EXPCLIP_OK;
        if (*out)
            break; /* more than one in the preferred part */
    }
    *out = NULL;
    return expclip__fail(
        err, EXPCLIP_ERROR_UNSUPPORTED,
        "\"%.150s\" and \"%.150s\": two %ss in one file, "
        "expected one (or one in \"state_dict\" or \"model\"); "
        "save the one that you mean alone",
        first, second, what);
}

static expclip_status keep_prefix(char out[EXPCLIP__PREFIX_SIZE],
                                  const char *name, const char *suffix,
                                  expclip_error *err)
{
    const size_t n = (size_t)prefix_size(name, suffix);

    if (n >= EXPCLIP__PREFIX_SIZE)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "tensor \"%.200s\": %zu bytes before \"%s\", "
                             "expected at most %d",
                             name, n, suffix, EXPCLIP__PREFIX_SIZE - 1);
    memcpy(out, name, n);
    out[n] = '\0';
    return EXPCLIP_OK;
}

/* The prefix of the text tower: the vision tower's, with "text." (open_clip's
 * CustomTextCLIP), or that of the file's only text tower. */
static expclip_status find_text(expclip__config *c, const expclip__weights *ws,
                                expclip_error *err)
{
    const char *suffix = spelling(&names[EXPCLIP__TOKEN_EMBEDDING], c->naming);
    static const char *const inner[] = { "", "text." };
    char name[EXPCLIP__NAME_SIZE];
    const char *found = NULL;
    expclip_status status;

    for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++) {
        snprintf(c->text_prefix, sizeof(c->text_prefix), "%s%s", c->prefix,
                 inner[i]);
        expclip__name(name, c, EXPCLIP__TOKEN_EMBEDDING);
        if (expclip__weights_find(ws, name))
            return EXPCLIP_OK;
    }
    memcpy(c->text_prefix, c->prefix, sizeof(c->text_prefix));
    status = expclip__names_find(&found, ws, suffix, "text tower", err);
    if (status || !found)
        return status; /* none: the shapes' reader says what is missing */
    return keep_prefix(c->text_prefix, found, suffix, err);
}

expclip_status expclip__names_recognise(int *is_clip, expclip__config *config,
                                        const expclip__weights *ws,
                                        expclip_error *err)
{
    const name_pair *class = &names[EXPCLIP__CLASS_EMBEDDING];
    const char *suffix, *found = NULL;
    expclip_status status = EXPCLIP_OK;

    *is_clip = 0;
    for (int i = 0; !status && !found && i < 2; i++) {
        config->naming =
            i ? EXPCLIP__NAMING_HUGGING_FACE : EXPCLIP__NAMING_OPENAI;
        suffix = spelling(class, config->naming);
        status = expclip__names_find(&found, ws, suffix, "model", err);
    }
    if (status || !found)
        return status;
    *is_clip = 1;
    status = keep_prefix(config->prefix, found, suffix, err);
    return status ? status : find_text(config, ws, err);
}

/* 1 when `rest`, a name after its root, is a tensor of one of the blocks. */
static int is_block_tensor(const char *rest, expclip__naming naming,
                           int32_t layers)
{
    size_t digits = strspn(rest, "0123456789");
    uint64_t layer;

    if (rest[digits] != '.' || !expclip__parse_u64(rest, digits, &layer) ||
        layer >= (uint64_t)layers)
        return 0;
    for (int id = 0; id < EXPCLIP__N_BLOCK_TENSORS; id++) {
        const char *name = spelling(&block_names[id], naming);
        if (name && strcmp(name, rest + digits + 1) == 0)
            return 1;
    }
    return 0;
}

/* What a model calls its own: [naming]. A tensor there that is not used means
 * another model, whose embeddings would silently be wrong. */
static const char *const own[2][5] = {
    { "visual.", "transformer.", "token_embedding.", "ln_final.",
      "text_projection." },
    { "vision_model.", "text_model.", "visual_projection.", "text_projection.",
      NULL },
};

/* Numbers that are the same in all models. */
static const char *const constants[] = { "position_ids", "attn_mask" };

static int is_own(const char *rest, expclip__naming naming)
{
    for (size_t i = 0; i < sizeof(own[0]) / sizeof(own[0][0]); i++)
        if (own[naming][i] &&
            strncmp(rest, own[naming][i], strlen(own[naming][i])) == 0)
            return 1;
    return 0;
}

/* 1 when `rest`, a name after its prefix, is one that a CLIP has. */
static int is_known(const char *rest, const expclip__config *c)
{
    for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++)
        if (prefix_size(rest, constants[i]) >= 0)
            return 1;
    for (int id = 0; id < EXPCLIP__N_TENSORS; id++)
        if (strcmp(rest, spelling(&names[id], c->naming)) == 0)
            return 1;
    for (int tower = EXPCLIP__VISION; tower <= EXPCLIP__TEXT; tower++) {
        const char *root = block_roots[c->naming][tower];
        const int32_t layers =
            tower == EXPCLIP__VISION ? c->vision.layers : c->text.layers;

        if (strncmp(rest, root, strlen(root)) == 0)
            return is_block_tensor(rest + strlen(root), c->naming, layers);
    }
    return 0;
}

static expclip_status check_below(const char *prefix, const expclip__config *c,
                                  const expclip__weights *ws,
                                  expclip_error *err)
{
    const size_t n = strlen(prefix);

    for (size_t i = 0; i < expclip__weights_count(ws); i++) {
        const char *name = expclip__weights_at(ws, i)->name;

        if (strncmp(name, prefix, n) == 0 && is_own(name + n, c->naming) &&
            !is_known(name + n, c))
            return expclip__fail(
                err, EXPCLIP_ERROR_SHAPE,
                "tensor \"%s\": not part of a CLIP of %d layers; use another "
                "model, or save it without this one if its embeddings are the "
                "same",
                name,
                (int)(c->vision.layers > c->text.layers ? c->vision.layers
                                                        : c->text.layers));
    }
    return EXPCLIP_OK;
}

expclip_status expclip__names_check_unused(const expclip__config *config,
                                           const expclip__weights *ws,
                                           expclip_error *err)
{
    expclip_status status = check_below(config->prefix, config, ws, err);

    return status ? status : check_below(config->text_prefix, config, ws, err);
}
