/* SPDX-License-Identifier: MIT */
/*
 * embed.c - embeddings: how alike are two images, and an image and a text?
 *
 *     cc embed.c -o embed $(pkg-config --cflags --libs expclip)
 *     ./embed ../faces/happiness_2.png ../faces/anger_1.png "a smiling face"
 *
 * Rows have unit length, so their dot product is the cosine.
 */
#include <expclip.h>
#include <stdio.h>
#include <stdlib.h>

static double dot(const float *a, const float *b, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

int main(int argc, char **argv)
{
    expclip_model *model = NULL;
    expclip_batch *batch = NULL;
    expclip_error err = { 0, "" };
    const char *text = argv[argc - 1];
    float *rows = NULL;
    size_t dim;
    int exit_code = EXIT_FAILURE;

    if (argc != 4) {
        fprintf(stderr, "usage: embed IMAGE IMAGE TEXT\n");
        return EXIT_FAILURE;
    }
    if (expclip_model_load(&model, "demo", NULL, &err) ||
        expclip_batch_create(&batch, model, &err) ||
        expclip_batch_add_file(batch, argv[1], NULL, &err) ||
        expclip_batch_add_file(batch, argv[2], NULL, &err))
        goto done;
    dim = (size_t)expclip_model_projected_dim(model);
    rows = malloc(3 * dim * sizeof(*rows));
    if (!rows ||
        expclip_model_embed_images(rows, 2 * dim, model, batch, NULL, NULL,
                                   &err) ||
        expclip_model_embed_texts(rows + 2 * dim, dim, NULL, 0, model, &text, 1,
                                  NULL, NULL, &err))
        goto done;
    printf("image 1, image 2: %.4f\n", dot(rows, rows + dim, dim));
    printf("image 1, text:    %.4f\n", dot(rows, rows + 2 * dim, dim));
    printf("image 2, text:    %.4f\n", dot(rows + dim, rows + 2 * dim, dim));
    exit_code = EXIT_SUCCESS;
done:
    if (exit_code)
        fprintf(stderr, "embed: %s\n", err.message);
    free(rows);
    expclip_batch_free(batch);
    expclip_model_free(model);
    return exit_code;
}
