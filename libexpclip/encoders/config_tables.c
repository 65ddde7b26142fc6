/* SPDX-License-Identifier: MIT */
/*
 * config_tables.c - the keys of open_clip's configuration (CLIPVisionCfg,
 * CLIPTextCfg, PreprocessCfg) and of Hugging Face's (CLIPConfig, its two
 * towers, CLIPImageProcessor).
 */
#include "encoders/config_keys.h"

#define MODEL(field) offsetof(expclip__model_keys, field)
#define PIXEL(field) offsetof(expclip__pixel_keys, field)
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* clang-format off */

#define HARMLESS(name) { name, EXPCLIP__KEY_HARMLESS, NULL, 0, NULL }
#define ONLY(name, values) { name, EXPCLIP__KEY_ONLY, values, 0, NULL }
#define FAMILY(name, family) { name, EXPCLIP__KEY_FAMILY, family, 0, NULL }
#define USED(name, kind, place) { name, EXPCLIP__KEY_##kind, NULL, place, NULL }
#define CHOICE(name, values, place) \
    { name, EXPCLIP__KEY_CHOICE, values, place, NULL }
#define SECTION(name, section) { name, EXPCLIP__KEY_SECTION, NULL, 0, section }
#define CLOSED(list) { list, COUNT(list), 1, 0 }

/* ---- open_clip ---- */

static const expclip__key vision_norm_keys[] = {
    USED("eps", NUMBER, MODEL(vision.eps)),
};
static const expclip__key_section vision_norm = CLOSED(vision_norm_keys);

static const expclip__key text_norm_keys[] = {
    USED("eps", NUMBER, MODEL(text.eps)),
};
static const expclip__key_section text_norm = CLOSED(text_norm_keys);

static const expclip__key act_keys[] = {
    ONLY("approximate", "\"none\""),
    HARMLESS("inplace"),
};
static const expclip__key_section act = CLOSED(act_keys);

/* Blocks of another kind, in both towers. */
#define BLOCK_KEYS                                  \
    ONLY("ls_init_value", "null"),                  \
    HARMLESS("output_tokens"),                      \
    ONLY("block_type", "\"default\""),              \
    ONLY("qk_norm", "false"),                       \
    ONLY("scaled_cosine_attn", "false"),            \
    ONLY("scale_heads", "false"),                   \
    ONLY("scale_attn_inner", "false"),              \
    ONLY("scale_attn", "false"),                    \
    ONLY("scale_fc", "false"),                      \
    SECTION("act_kwargs", &act)

static const expclip__key vision_keys[] = {
    /* These first: they name what the model is. */
    FAMILY("timm_model_name", "a CLIP with an image encoder of timm"),
    HARMLESS("timm_model_pretrained"),
    HARMLESS("timm_pool"), /* without timm_model_name: nothing */
    HARMLESS("timm_proj"),
    HARMLESS("timm_proj_bias"),
    HARMLESS("timm_drop"),
    HARMLESS("timm_drop_path"),
    { "layers", EXPCLIP__KEY_INTEGER, "a CLIP with a ResNet image encoder",
      MODEL(vision.layers), NULL },
    USED("width", INTEGER, MODEL(vision.width)),
    USED("head_width", INTEGER, MODEL(vision.head_width)),
    USED("mlp_ratio", NUMBER, MODEL(vision.mlp_ratio)),
    USED("patch_size", SIZE, MODEL(vision.patch)),
    USED("image_size", SIZE, MODEL(vision.image)),
    HARMLESS("patch_dropout"), /* in training only */
    ONLY("attentional_pool", "false"),
    HARMLESS("attn_pooler_queries"),
    HARMLESS("attn_pooler_heads"),
    ONLY("no_ln_pre", "false"),
    ONLY("pos_embed_type", "\"learnable\""),
    HARMLESS("final_ln_after_pool"), /* the same for one pooled token */
    ONLY("pool_type", "\"tok\""),
    SECTION("norm_kwargs", &vision_norm),
    BLOCK_KEYS,
};
static const expclip__key_section vision = CLOSED(vision_keys);

static const expclip__key text_keys[] = {
    FAMILY("hf_model_name", "a CLIP with a text encoder of Hugging Face"),
    HARMLESS("hf_model_pretrained"),
    HARMLESS("hf_proj_type"), /* without hf_model_name: nothing */
    HARMLESS("hf_pooler_type"),
    FAMILY("hf_tokenizer_name", "a CLIP with a tokenizer of its own"),
    HARMLESS("tokenizer_mode"), /* of such tokenizers only */
    ONLY("tokenizer_kwargs", "{}"),
    USED("context_length", INTEGER, MODEL(text.context)),
    USED("vocab_size", INTEGER, MODEL(text.vocabulary)),
    USED("width", INTEGER, MODEL(text.width)),
    USED("heads", INTEGER, MODEL(text.heads)),
    USED("layers", INTEGER, MODEL(text.layers)),
    USED("mlp_ratio", NUMBER, MODEL(text.mlp_ratio)),
    ONLY("embed_cls", "false"),
    HARMLESS("pad_id"), /* the tower is causal: padding is never seen */
    USED("eos_id", INTEGER, MODEL(text.end_id)),
    ONLY("no_causal_mask", "false"),
    HARMLESS("final_ln_after_pool"), /* open_clip does not read it */
    CHOICE("pool_type", "\"argmax\"|\"eos\"", MODEL(text.pool_by_id)),
    ONLY("proj_bias", "false"),
    ONLY("proj_type", "\"linear\""),
    SECTION("norm_kwargs", &text_norm),
    BLOCK_KEYS,
};
static const expclip__key_section text = CLOSED(text_keys);

/* open_clip itself fails at a key that its CLIP does not know. */
static const expclip__key open_clip_keys[] = {
    FAMILY("multimodal_cfg", "a CoCa"),
    SECTION("vision_cfg", &vision),
    SECTION("text_cfg", &text),
    FAMILY("init_logit_bias", "a SigLIP"),
    USED("embed_dim", INTEGER, MODEL(embed_dim)),
    USED("quick_gelu", FLAG, MODEL(quick_gelu)),
    HARMLESS("custom_text"),
    HARMLESS("init_logit_scale"),
    HARMLESS("nonscalar_logit_scale"),
    HARMLESS("cast_dtype"),
    HARMLESS("output_dict"),
};
const expclip__key_section expclip__keys_open_clip = CLOSED(open_clip_keys);

static const expclip__key open_clip_pixel_keys[] = {
    HARMLESS("size"), /* open_clip takes the encoder's */
    ONLY("mode", "\"RGB\""),
    USED("mean", THREE, PIXEL(mean)),
    USED("std", THREE, PIXEL(std)),
    ONLY("interpolation", "\"bicubic\""),
    CHOICE("resize_mode", "\"shortest\"|\"squash\"", PIXEL(squash)),
    HARMLESS("fill_color"), /* of resize_mode "longest" */
};
const expclip__key_section expclip__keys_open_clip_pixels = {
    open_clip_pixel_keys, COUNT(open_clip_pixel_keys), 0, 1
};

/* ---- Hugging Face ---- */

/*
 * What every configuration of transformers may hold, and older ones wrote in
 * full: how text is generated, labels, names, formats of numbers.
 */
#define COMMON_KEYS                                                        \
    HARMLESS("_name_or_path"), HARMLESS("_attn_implementation_autoset"),   \
    HARMLESS("_attn_implementation"), HARMLESS("_commit_hash"),            \
    HARMLESS("add_cross_attention"), HARMLESS("architectures"),            \
    HARMLESS("attention_dropout"), HARMLESS("dropout"),                    \
    HARMLESS("hidden_dropout"), HARMLESS("attn_implementation"),           \
    HARMLESS("bad_words_ids"), HARMLESS("begin_suppress_tokens"),          \
    HARMLESS("bos_token_id"), HARMLESS("pad_token_id"),                    \
    HARMLESS("sep_token_id"), HARMLESS("decoder_start_token_id"),          \
    HARMLESS("chunk_size_feed_forward"),                                   \
    HARMLESS("cross_attention_hidden_size"),                               \
    HARMLESS("diversity_penalty"), HARMLESS("do_sample"),                  \
    HARMLESS("dtype"), HARMLESS("torch_dtype"),                            \
    HARMLESS("early_stopping"), HARMLESS("encoder_no_repeat_ngram_size"),  \
    HARMLESS("exponential_decay_length_penalty"),                          \
    HARMLESS("finetuning_task"), HARMLESS("forced_bos_token_id"),          \
    HARMLESS("forced_eos_token_id"), HARMLESS("gradient_checkpointing"),   \
    HARMLESS("id2label"), HARMLESS("label2id"), HARMLESS("num_labels"),    \
    HARMLESS("initializer_factor"), HARMLESS("initializer_range"),         \
    HARMLESS("is_decoder"), HARMLESS("is_encoder_decoder"),                \
    HARMLESS("length_penalty"), HARMLESS("max_length"),                    \
    HARMLESS("min_length"), HARMLESS("no_repeat_ngram_size"),              \
    HARMLESS("num_beam_groups"), HARMLESS("num_beams"),                    \
    HARMLESS("num_return_sequences"), HARMLESS("output_attentions"),       \
    HARMLESS("output_hidden_states"), HARMLESS("output_scores"),           \
    HARMLESS("prefix"), HARMLESS("problem_type"),                          \
    HARMLESS("projection_dim"), /* CLIPModel takes the outer one */        \
    HARMLESS("pruned_heads"), HARMLESS("remove_invalid_values"),           \
    HARMLESS("repetition_penalty"), HARMLESS("return_dict"),               \
    HARMLESS("return_dict_in_generate"), HARMLESS("suppress_tokens"),      \
    HARMLESS("task_specific_params"), HARMLESS("temperature"),             \
    HARMLESS("tf_legacy_loss"), HARMLESS("tie_encoder_decoder"),           \
    HARMLESS("tie_word_embeddings"), HARMLESS("tokenizer_class"),          \
    HARMLESS("top_k"), HARMLESS("top_p"), HARMLESS("torchscript"),         \
    HARMLESS("transformers_version"), HARMLESS("typical_p"),               \
    HARMLESS("use_bfloat16"), HARMLESS("use_cache"),                       \
    HARMLESS("_from_model_config"), HARMLESS("_output_attentions"),        \
    HARMLESS("logit_scale_init_value")

#define HIDDEN_ACTS "\"gelu\"|\"quick_gelu\""

static const expclip__key hf_vision_keys[] = {
    ONLY("model_type", "\"clip_vision_model\"|\"clip\""),
    USED("hidden_size", INTEGER, MODEL(vision.width)),
    USED("intermediate_size", INTEGER, MODEL(vision.mlp_width)),
    USED("num_hidden_layers", INTEGER, MODEL(vision.layers)),
    USED("num_attention_heads", INTEGER, MODEL(vision.heads)),
    ONLY("num_channels", "3"),
    USED("image_size", SIZE, MODEL(vision.image)),
    USED("patch_size", SIZE, MODEL(vision.patch)),
    CHOICE("hidden_act", HIDDEN_ACTS, MODEL(vision.quick_gelu)),
    USED("layer_norm_eps", NUMBER, MODEL(vision.eps)),
    HARMLESS("eos_token_id"),
    COMMON_KEYS,
};
static const expclip__key_section hf_vision = CLOSED(hf_vision_keys);

static const expclip__key hf_text_keys[] = {
    ONLY("model_type", "\"clip_text_model\"|\"clip\""),
    USED("vocab_size", INTEGER, MODEL(text.vocabulary)),
    USED("hidden_size", INTEGER, MODEL(text.width)),
    USED("intermediate_size", INTEGER, MODEL(text.mlp_width)),
    USED("num_hidden_layers", INTEGER, MODEL(text.layers)),
    USED("num_attention_heads", INTEGER, MODEL(text.heads)),
    USED("max_position_embeddings", INTEGER, MODEL(text.context)),
    CHOICE("hidden_act", HIDDEN_ACTS, MODEL(text.quick_gelu)),
    USED("layer_norm_eps", NUMBER, MODEL(text.eps)),
    USED("eos_token_id", INTEGER, MODEL(text.end_id)),
    COMMON_KEYS,
};
static const expclip__key_section hf_text = CLOSED(hf_text_keys);

/* "..._config_dict" of old versions wins over "..._config" in transformers. */
static const expclip__key hugging_face_keys[] = {
    ONLY("model_type", "\"clip\""),
    SECTION("vision_config", &hf_vision),
    SECTION("text_config", &hf_text),
    USED("projection_dim", INTEGER, MODEL(embed_dim)),
};
const expclip__key_section expclip__keys_hugging_face = {
    hugging_face_keys, COUNT(hugging_face_keys), 0, 0
};

#define PROCESSORS \
    "\"CLIPImageProcessor\"|\"CLIPImageProcessorFast\"|" \
    "\"CLIPImageProcessorPil\"|\"CLIPFeatureExtractor\""

static const expclip__key hugging_face_pixel_keys[] = {
    ONLY("image_processor_type", PROCESSORS),
    ONLY("feature_extractor_type", PROCESSORS),
    ONLY("do_resize", "true"),
    ONLY("do_rescale", "true"),
    ONLY("do_pad", "false"),
    ONLY("use_square_size", "false"),
    ONLY("default_to_square", "false"),
    ONLY("resample", "3"),
    ONLY("rescale_factor", "0.0039215686274509803"),
    USED("size", SIZE, PIXEL(size)),
    USED("crop_size", SIZE, PIXEL(crop)),
    USED("do_center_crop", FLAG, PIXEL(center_crop)),
    USED("do_normalize", FLAG, PIXEL(normalize)),
    USED("image_mean", THREE, PIXEL(mean)),
    USED("image_std", THREE, PIXEL(std)),
};
const expclip__key_section expclip__keys_hugging_face_pixels = {
    hugging_face_pixel_keys, COUNT(hugging_face_pixel_keys), 0, 1
};
