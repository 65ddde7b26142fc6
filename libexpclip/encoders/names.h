/* SPDX-License-Identifier: MIT */
/*
 * names.h - the tensors of a CLIP, and what each file format calls them.
 */
#ifndef EXPCLIP_NAMES_H
#define EXPCLIP_NAMES_H

#include "encoders/config.h"

/** Tensors that exist once. */
typedef enum expclip__tensor_id {
    EXPCLIP__CLASS_EMBEDDING,   /* [width] */
    EXPCLIP__PATCH_EMBEDDING,   /* [width, 3, patch, patch], no bias */
    EXPCLIP__VISION_POSITIONS,  /* [grid * grid + 1, width] */
    EXPCLIP__LN_PRE_WEIGHT,     /* [width] */
    EXPCLIP__LN_PRE_BIAS,       /* [width] */
    EXPCLIP__LN_POST_WEIGHT,    /* [width] */
    EXPCLIP__LN_POST_BIAS,      /* [width] */
    EXPCLIP__VISION_PROJECTION, /* OpenAI [width, d], else [d, width] */
    EXPCLIP__TOKEN_EMBEDDING,   /* [vocabulary, width] */
    EXPCLIP__TEXT_POSITIONS,    /* [context, width] */
    EXPCLIP__LN_FINAL_WEIGHT,   /* [width] */
    EXPCLIP__LN_FINAL_BIAS,     /* [width] */
    EXPCLIP__TEXT_PROJECTION,   /* OpenAI [width, d], else [d, width] */
    EXPCLIP__LOGIT_SCALE,       /* scalar, a logarithm */
    EXPCLIP__N_TENSORS
} expclip__tensor_id;

/** Tensors of every block of a tower. */
typedef enum expclip__block_tensor_id {
    EXPCLIP__LN_1_WEIGHT, /* [width] */
    EXPCLIP__LN_1_BIAS,   /* [width] */
    EXPCLIP__QKV_WEIGHT,  /* [3 * width, width]; OpenAI only */
    EXPCLIP__QKV_BIAS,    /* [3 * width]; OpenAI only */
    EXPCLIP__Q_WEIGHT,    /* [width, width]; Hugging Face only */
    EXPCLIP__Q_BIAS,      /* [width]; Hugging Face only */
    EXPCLIP__K_WEIGHT,    /* as Q */
    EXPCLIP__K_BIAS,
    EXPCLIP__V_WEIGHT,
    EXPCLIP__V_BIAS,
    EXPCLIP__OUT_WEIGHT,  /* [width, width] */
    EXPCLIP__OUT_BIAS,    /* [width] */
    EXPCLIP__LN_2_WEIGHT, /* [width] */
    EXPCLIP__LN_2_BIAS,   /* [width] */
    EXPCLIP__FC_WEIGHT,   /* [mlp_width, width] */
    EXPCLIP__FC_BIAS,     /* [mlp_width] */
    EXPCLIP__PROJ_WEIGHT, /* [width, mlp_width] */
    EXPCLIP__PROJ_BIAS,   /* [width] */
    EXPCLIP__N_BLOCK_TENSORS
} expclip__block_tensor_id;

typedef enum expclip__tower { EXPCLIP__VISION, EXPCLIP__TEXT } expclip__tower;

#define EXPCLIP__NAME_SIZE 160

/** Write the name that the file uses. */
void expclip__name(char out[EXPCLIP__NAME_SIZE], const expclip__config *config,
                   expclip__tensor_id id);
/** Write the name of a block's tensor; "" when the naming has none. */
void expclip__block_name(char out[EXPCLIP__NAME_SIZE],
                         const expclip__config *config, expclip__tower tower,
                         int32_t layer, expclip__block_tensor_id id);

/**
 * The name of the one tensor that ends like `suffix`, behind nothing or behind
 * words with dots; NULL when there is none. Of several, the one in
 * "state_dict", "model_state_dict" or "model" is meant; UNSUPPORTED, with the
 * names of two, when there is none such or more than one.
 *
 * @param what  "model", for the message
 */
expclip_status expclip__names_find(const char **out, const expclip__weights *ws,
                                   const char *suffix, const char *what,
                                   expclip_error *err);

/** Find naming and prefixes. *is_clip is 0 when there is no CLIP; UNSUPPORTED
 * when there are two. */
expclip_status expclip__names_recognise(int *is_clip, expclip__config *config,
                                        const expclip__weights *ws,
                                        expclip_error *err);

/**
 * SHAPE when a tower holds tensors that no block of `config` uses: a model
 * with more layers, or parts that would be left out in silence.
 */
expclip_status expclip__names_check_unused(const expclip__config *config,
                                           const expclip__weights *ws,
                                           expclip_error *err);

#endif
