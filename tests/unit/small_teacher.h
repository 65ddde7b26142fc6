/* SPDX-License-Identifier: MIT */
/*
 * small_teacher.h - teachers with random weights in the scratch folder, small
 * enough for the plain C seam: a BLIP-2 with a T5, a T5's encoder, a BERT.
 */
#ifndef EXPCLIP_TEST_SMALL_TEACHER_H
#define EXPCLIP_TEST_SMALL_TEACHER_H

#include "unit/scratch.h"

#include <expclip_train.h>

#include "unit/small_model.h"

enum {
    TEACHER_DIM = 12,  /* of a target, whichever teacher */
    TEACHER_IMAGE = 8, /* pixels a side */
    TEACHER_VOCABULARY = 32,
    TEACHER_POSITIONS = 16 /* of the BERT */
};

typedef enum teacher_kind { SMALL_BLIP2, SMALL_T5, SMALL_BERT } teacher_kind;

/** A row "name 3x4": %d in a name stands for each of the layers 0 and 1. */
static const char *const blip2_tensors[] = {
    "query_tokens 1x3x8",
    "vision_model.embeddings.class_embedding 1x1x8",
    "vision_model.embeddings.position_embedding 1x5x8",
    "vision_model.embeddings.patch_embedding.weight 8x3x4x4",
    "vision_model.embeddings.patch_embedding.bias 8",
    "vision_model.post_layernorm.weight 8",
    "vision_model.post_layernorm.bias 8",
    "vision_model.encoder.layers.%d.layer_norm1.weight 8",
    "vision_model.encoder.layers.%d.layer_norm1.bias 8",
    "vision_model.encoder.layers.%d.layer_norm2.weight 8",
    "vision_model.encoder.layers.%d.layer_norm2.bias 8",
    "vision_model.encoder.layers.%d.self_attn.qkv.weight 24x8",
    "vision_model.encoder.layers.%d.self_attn.qkv.bias 24",
    "vision_model.encoder.layers.%d.self_attn.projection.weight 8x8",
    "vision_model.encoder.layers.%d.self_attn.projection.bias 8",
    "vision_model.encoder.layers.%d.mlp.fc1.weight 16x8",
    "vision_model.encoder.layers.%d.mlp.fc1.bias 16",
    "vision_model.encoder.layers.%d.mlp.fc2.weight 8x16",
    "vision_model.encoder.layers.%d.mlp.fc2.bias 8",
    "qformer.layernorm.weight 8",
    "qformer.layernorm.bias 8",
    "qformer.encoder.layer.%d.attention.attention.query.weight 8x8",
    "qformer.encoder.layer.%d.attention.attention.query.bias 8",
    "qformer.encoder.layer.%d.attention.attention.key.weight 8x8",
    "qformer.encoder.layer.%d.attention.attention.key.bias 8",
    "qformer.encoder.layer.%d.attention.attention.value.weight 8x8",
    "qformer.encoder.layer.%d.attention.attention.value.bias 8",
    "qformer.encoder.layer.%d.attention.output.dense.weight 8x8",
    "qformer.encoder.layer.%d.attention.output.dense.bias 8",
    "qformer.encoder.layer.%d.attention.output.LayerNorm.weight 8",
    "qformer.encoder.layer.%d.attention.output.LayerNorm.bias 8",
    /* every second layer reads the image */
    "qformer.encoder.layer.0.crossattention.attention.query.weight 8x8",
    "qformer.encoder.layer.0.crossattention.attention.query.bias 8",
    "qformer.encoder.layer.0.crossattention.attention.key.weight 8x8",
    "qformer.encoder.layer.0.crossattention.attention.key.bias 8",
    "qformer.encoder.layer.0.crossattention.attention.value.weight 8x8",
    "qformer.encoder.layer.0.crossattention.attention.value.bias 8",
    "qformer.encoder.layer.0.crossattention.output.dense.weight 8x8",
    "qformer.encoder.layer.0.crossattention.output.dense.bias 8",
    "qformer.encoder.layer.0.crossattention.output.LayerNorm.weight 8",
    "qformer.encoder.layer.0.crossattention.output.LayerNorm.bias 8",
    "qformer.encoder.layer.%d.intermediate_query.dense.weight 12x8",
    "qformer.encoder.layer.%d.intermediate_query.dense.bias 12",
    "qformer.encoder.layer.%d.output_query.dense.weight 8x12",
    "qformer.encoder.layer.%d.output_query.dense.bias 8",
    "qformer.encoder.layer.%d.output_query.LayerNorm.weight 8",
    "qformer.encoder.layer.%d.output_query.LayerNorm.bias 8",
    "language_projection.weight 12x8",
    "language_projection.bias 12",
};

/** After "language_model." in a BLIP-2. */
static const char *const t5_tensors[] = {
    "shared.weight 32x12",
    "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight 32x2",
    "encoder.block.%d.layer.0.layer_norm.weight 12",
    "encoder.block.%d.layer.0.SelfAttention.q.weight 8x12",
    "encoder.block.%d.layer.0.SelfAttention.k.weight 8x12",
    "encoder.block.%d.layer.0.SelfAttention.v.weight 8x12",
    "encoder.block.%d.layer.0.SelfAttention.o.weight 12x8",
    "encoder.block.%d.layer.1.layer_norm.weight 12",
    "encoder.block.%d.layer.1.DenseReluDense.wi_0.weight 16x12",
    "encoder.block.%d.layer.1.DenseReluDense.wi_1.weight 16x12",
    "encoder.block.%d.layer.1.DenseReluDense.wo.weight 12x16",
    "encoder.final_layer_norm.weight 12",
};

static const char *const bert_tensors[] = {
    "embeddings.word_embeddings.weight 32x12",
    "embeddings.position_embeddings.weight 16x12",
    "embeddings.token_type_embeddings.weight 2x12",
    "embeddings.LayerNorm.weight 12",
    "embeddings.LayerNorm.bias 12",
    "encoder.layer.%d.attention.self.query.weight 12x12",
    "encoder.layer.%d.attention.self.query.bias 12",
    "encoder.layer.%d.attention.self.key.weight 12x12",
    "encoder.layer.%d.attention.self.key.bias 12",
    "encoder.layer.%d.attention.self.value.weight 12x12",
    "encoder.layer.%d.attention.self.value.bias 12",
    "encoder.layer.%d.attention.output.dense.weight 12x12",
    "encoder.layer.%d.attention.output.dense.bias 12",
    "encoder.layer.%d.attention.output.LayerNorm.weight 12",
    "encoder.layer.%d.attention.output.LayerNorm.bias 12",
    "encoder.layer.%d.intermediate.dense.weight 16x12",
    "encoder.layer.%d.intermediate.dense.bias 16",
    "encoder.layer.%d.output.dense.weight 12x16",
    "encoder.layer.%d.output.dense.bias 12",
    "encoder.layer.%d.output.LayerNorm.weight 12",
    "encoder.layer.%d.output.LayerNorm.bias 12",
};

/* ---- weights ---- */

static inline void teacher_add(small_tensor *list, size_t *n,
                               const char *prefix, const char *row, int layer)
{
    small_tensor *t = &list[(*n)++];
    const char *shape = strchr(row, ' ') + 1;
    const char *mark = strstr(row, "%d");
    const int size = (int)(shape - 1 - row);

    memset(t, 0, sizeof(*t));
    if (mark)
        snprintf(t->name, sizeof(t->name), "%s%.*s%d%.*s", prefix,
                 (int)(mark - row), row, layer, (int)(shape - 1 - mark - 2),
                 mark + 2);
    else
        snprintf(t->name, sizeof(t->name), "%s%.*s", prefix, size, row);
    for (; *shape; shape += strcspn(shape, "x"), shape += *shape == 'x')
        t->shape[t->n_dims++] = strtol(shape, NULL, 10);
}

static inline void teacher_add_all(small_tensor *list, size_t *n,
                                   const char *prefix, const char *const *rows,
                                   size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++)
        for (int layer = 0; layer < (strstr(rows[i], "%d") ? 2 : 1); layer++)
            teacher_add(list, n, prefix, rows[i], layer);
}

/** The tensors of a teacher; room for 128. @return their number */
static inline size_t teacher_tensors(small_tensor *list, teacher_kind kind)
{
    const size_t n_t5 = sizeof(t5_tensors) / sizeof(t5_tensors[0]);
    size_t n = 0;

    if (kind == SMALL_BLIP2) {
        teacher_add_all(list, &n, "", blip2_tensors,
                        sizeof(blip2_tensors) / sizeof(blip2_tensors[0]));
        teacher_add_all(list, &n, "language_model.", t5_tensors, n_t5);
    } else if (kind == SMALL_T5) {
        teacher_add_all(list, &n, "", t5_tensors, n_t5);
    } else {
        teacher_add_all(list, &n, "", bert_tensors,
                        sizeof(bert_tensors) / sizeof(bert_tensors[0]));
    }
    return n;
}

/* ---- tokenizers ---- */

/** Add a piece as SentencePiece's sentencepiece_model.proto has it: a message
 * of text, score (float) and type. */
static inline size_t teacher_add_piece(uint8_t *out, const char *text,
                                       float score, uint8_t type)
{
    const size_t size = strlen(text);
    uint8_t *p = out;

    *p++ = 1 << 3 | 2; /* pieces */
    *p++ = (uint8_t)(size + 9);
    *p++ = 1 << 3 | 2;
    *p++ = (uint8_t)size;
    memcpy(p, text, size);
    p += size;
    *p++ = 2 << 3 | 5;
    memcpy(p, &score, 4);
    p += 4;
    *p++ = 3 << 3;
    *p++ = type;
    return (size_t)(p - out);
}

/** spiece.model as T5 orders it: <pad>, </s>, <unk>, then a word's beginning
 * and letters. */
static inline void teacher_write_pieces(void)
{
    enum { NORMAL = 1, UNKNOWN = 2, CONTROL = 3 };
    uint8_t bytes[1024];
    size_t n = 0;

    n += teacher_add_piece(bytes + n, "<pad>", 0.0f, CONTROL);
    n += teacher_add_piece(bytes + n, "</s>", 0.0f, CONTROL);
    n += teacher_add_piece(bytes + n, "<unk>", 0.0f, UNKNOWN);
    n += teacher_add_piece(bytes + n, "\xe2\x96\x81", -2.0f, NORMAL);
    for (char letter[2] = "a"; letter[0] <= 'z'; letter[0]++)
        n += teacher_add_piece(bytes + n, letter, -3.0f, NORMAL);
    scratch_write("spiece.model", bytes, n);
}

static inline void teacher_write_text(const char *name, const char *text)
{
    scratch_write(name, text, strlen(text));
}

/* ---- a teacher's folder ---- */

/** Write a teacher to the scratch folder; `broken` as in small_write(). */
static inline void teacher_write_broken(teacher_kind kind, const char *broken,
                                        char change)
{
    static small_tensor list[128];
    const size_t n = teacher_tensors(list, kind);
    expclip_error err = { 0 };

    if (small_write(scratch_path("model.safetensors"), list, n, NULL, broken,
                    change, &err))
        fail_msg("%s", err.message);
    teacher_write_text("config.json",
                       kind == SMALL_BERT
                           ? "{\"num_attention_heads\": 2}"
                           : "{\"vision_config\": {\"num_attention_heads\": 2},"
                             "\"qformer_config\": {\"num_attention_heads\": "
                             "2}}");
    if (kind == SMALL_BERT)
        teacher_write_text("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nbrows\n"
                                        "lips\nraised\nlowered\n##ed\n");
    else
        teacher_write_pieces();
}

static inline void teacher_write(teacher_kind kind)
{
    teacher_write_broken(kind, NULL, 0);
}

/** Load the teacher of the scratch folder. */
static inline expclip_teacher *
teacher_load(const expclip_teacher_options *options)
{
    expclip_teacher_options o = EXPCLIP_TEACHER_OPTIONS_INIT;
    expclip_teacher *t = NULL;
    expclip_error err = { 0 };

    if (options)
        o = *options;
    o.threads = 1;
    if (expclip_teacher_create(&t, scratch_folder, &o, &err))
        fail_msg("%s", err.message);
    return t;
}

#endif
