/* SPDX-License-Identifier: MIT */
/*
 * names.c - the tensor names of checkpoints, each spelled once.
 *
 * Two families: OpenAI's (CLIP model.py), which open_clip shares, and Hugging
 * Face's (transformers modeling_clip.py; "pre_layrnorm" is spelled so there).
 * Training wrappers put "module." before every name; open_clip's
 * CustomTextCLIP puts "text." before the names of the text tower.
 */
#include "clip/names.h"

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
    snprintf(out, EXPCLIP__NAME_SIZE, "%s%s%s", config->prefix,
             is_text(id) ? config->text_prefix : "",
             spelling(&names[id], config->naming));
}

/* "module.text.transformer.resblocks." */
static void block_root(char out[EXPCLIP__NAME_SIZE],
                       const expclip__config *config, expclip__tower tower)
{
    snprintf(out, EXPCLIP__NAME_SIZE, "%s%s%s", config->prefix,
             tower == EXPCLIP__TEXT ? config->text_prefix : "",
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

int expclip__names_recognise(expclip__config *config,
                             const expclip__weights *ws)
{
    static const char *const prefixes[] = { "", "module." };
    char name[EXPCLIP__NAME_SIZE];

    for (size_t i = 0; i < 4; i++) {
        config->prefix = prefixes[i / 2];
        config->naming =
            i % 2 ? EXPCLIP__NAMING_HUGGING_FACE : EXPCLIP__NAMING_OPENAI;
        expclip__name(name, config, EXPCLIP__CLASS_EMBEDDING);
        if (!expclip__weights_find(ws, name))
            continue;
        config->text_prefix = "text.";
        expclip__name(name, config, EXPCLIP__TOKEN_EMBEDDING);
        if (!expclip__weights_find(ws, name))
            config->text_prefix = "";
        return 1;
    }
    return 0;
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

expclip_status expclip__names_check_unused(const expclip__config *config,
                                           const expclip__weights *ws,
                                           expclip_error *err)
{
    for (int tower = EXPCLIP__VISION; tower <= EXPCLIP__TEXT; tower++) {
        int32_t layers = tower == EXPCLIP__VISION ? config->vision.layers
                                                  : config->text.layers;
        char root[EXPCLIP__NAME_SIZE];

        block_root(root, config, (expclip__tower)tower);
        for (size_t i = 0; i < expclip__weights_count(ws); i++) {
            const char *name = expclip__weights_at(ws, i)->name;
            size_t n = strlen(root);

            if (strncmp(name, root, n) == 0 &&
                !is_block_tensor(name + n, config->naming, layers))
                return expclip__fail(
                    err, EXPCLIP_ERROR_SHAPE,
                    "tensor \"%s\": not part of a CLIP of %d layers", name,
                    (int)layers);
        }
    }
    return EXPCLIP_OK;
}
