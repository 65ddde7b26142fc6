/* SPDX-License-Identifier: MIT */
/*
 * families.c - models that are not a plain CLIP, each by its name; and what is
 * known of published models whose configuration is missing.
 */
#include "encoders/families.h"

#include <string.h>

#include "base/error.h"

#define MOST_HEADS_OF_64 1024 /* width up to which all heads are of 64 */

/* Parts of names in configurations, the more special one first. */
static const char *const name_parts[][2] = {
    { "siglip", "a SigLIP" },
    { "eva02", "an EVA02 CLIP" },
    { "eva_", "an EVA01 CLIP" },
    { "vit_pe_", "a Perception Encoder (PE)" },
    { "fastvit", "a MobileCLIP" },
    { "_mci", "a MobileCLIP" },
    { "vit_large_patch14_clip", "a MobileCLIP" },
    { "vitamin", "a ViTamin CLIP" },
    { "convnext", "a CLIP with a ConvNeXt image encoder" },
    { "resnet", "a CLIP with a ResNet image encoder" },
    { "xlm-roberta", "a CLIP with an XLM-RoBERTa text encoder" },
    { "roberta", "a CLIP with a RoBERTa text encoder" },
    { "nllb", "a CLIP with an NLLB text encoder" },
    { "mt5", "a CLIP with an mT5 text encoder" },
    { "xlm-v", "a CLIP with XLM-V's tokens (MetaCLIP worldwide)" },
    { "bert", "a CLIPA or another model with BERT's tokens" },
    { "coca", "a CoCa" },
};

const char *expclip__family_of(const char *name, const char *otherwise)
{
    for (size_t i = 0; name && i < sizeof(name_parts) / sizeof(name_parts[0]);
         i++)
        if (strstr(name, name_parts[i][0]))
            return name_parts[i][1];
    return otherwise;
}

#define MERGE "merge it (merge_and_unload() of peft), and save the outcome"
#define WHOLE "use the float weights that it was made from"

/* Parts of tensor names; `but` is what the same part has in a plain CLIP. */
static const struct {
    const char *part;
    const char *but;
    const char *family;
    const char *cure; /* NULL: use such a model */
} tensor_parts[] = {
    { ".lora_", NULL, "a LoRA adapter, or a model with one", MERGE },
    { ".base_layer.", NULL, "a model with an adapter of peft", MERGE },
    { ".qweight", NULL, "a quantised model (GPTQ, AWQ)", WHOLE },
    { ".SCB", NULL, "a quantised model (bitsandbytes)", WHOLE },
    { ".absmax", NULL, "a quantised model (bitsandbytes)", WHOLE },
    { ".weight_scale", NULL, "a quantised model", WHOLE },
    { "logit_bias", NULL, "a SigLIP", NULL },
    { "vision_model.head.", NULL, "a SigLIP", NULL },
    { "vision_model.embeddings.patch_embedding.bias", NULL, "a SigLIP", NULL },
    { "visual.attnpool.", NULL, "a CLIP with a ResNet image encoder", NULL },
    { "visual.layer1.0.conv1.weight", NULL,
      "a CLIP with a ResNet image encoder", NULL },
    { "visual.trunk.", NULL,
      "a CLIP with an image encoder of timm (SigLIP, EVA02, PE, MobileCLIP, "
      "ConvNeXt, ViTamin)",
      NULL },
    { "visual.blocks.", NULL, "an EVA CLIP", NULL },
    { "image_encoder.model.", NULL, "a MobileCLIP", NULL },
    { "text_decoder.", NULL, "a CoCa", NULL },
    { "text.cls_emb", NULL, "a CoCa", NULL },
    { "visual.attn_pool", NULL, "a CoCa or a PE, with attentional pooling",
      NULL },
    { "text.transformer.", "text.transformer.resblocks.",
      "a CLIP with a text encoder of Hugging Face (RoBERTa, XLM-RoBERTa, mT5, "
      "NLLB)",
      NULL },
    { "text_model.roberta.", NULL, "an AltCLIP", NULL },
    { "text_model.encoder.layer.", NULL, "a Chinese CLIP", NULL },
    { ".ls_1.gamma", NULL, "a CLIP with layer scale", NULL },
};

expclip_status expclip__families_check(const expclip__weights *ws,
                                       expclip_error *err)
{
    const size_t n = expclip__weights_count(ws);

    for (size_t f = 0; f < sizeof(tensor_parts) / sizeof(tensor_parts[0]);
         f++) {
        for (size_t i = 0; i < n; i++) {
            const char *name = expclip__weights_at(ws, i)->name;
            const char *but = tensor_parts[f].but;

            if (!strstr(name, tensor_parts[f].part) ||
                (but && strstr(name, but)))
                continue;
            return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                                 "tensor \"%.100s\": the model is %s, expected "
                                 "a CLIP with a plain vision transformer and "
                                 "CLIP's own text encoder; %s",
                                 name, tensor_parts[f].family,
                                 tensor_parts[f].cure ? tensor_parts[f].cure
                                                      : "use such a model");
        }
    }
    return EXPCLIP_OK;
}

/* Of open_clip's ViT-H, ViT-g, ViT-bigG and ViT-e; text towers have 64. */
static const struct {
    int32_t width;
    int32_t vision; /* width of a head; 0 is unknown */
    int32_t text;
} known[] = {
    { 1280, 80, 64 },
    { 1408, 88, 0 },
    { 1664, 104, 0 },
    { 1792, 112, 0 },
};

static expclip_status set_heads(expclip__tower_config *tower, int is_vision,
                                expclip_error *err)
{
    int32_t head = tower->width <= MOST_HEADS_OF_64 ? 64 : 0;

    if (tower->heads > 0)
        return EXPCLIP_OK;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i].width == tower->width)
            head = is_vision ? known[i].vision : known[i].text;
    if (head == 0 || tower->width % head != 0)
        return expclip__fail(
            err, EXPCLIP_ERROR_UNSUPPORTED,
            "%s tower: the number of heads of width %d is not known, expected "
            "a multiple of 64 up to %d%s; put the model's "
            "open_clip_config.json or config.json beside the weights",
            is_vision ? "vision" : "text", (int)tower->width, MOST_HEADS_OF_64,
            is_vision ? ", 1280, 1408, 1664 or 1792" : " or 1280");
    tower->heads = tower->width / head;
    return EXPCLIP_OK;
}

expclip_status expclip__families_heads(expclip__config *config,
                                       expclip_error *err)
{
    expclip_status status = set_heads(&config->vision, 1, err);

    return status ? status : set_heads(&config->text, 0, err);
}
