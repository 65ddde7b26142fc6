/* SPDX-License-Identifier: MIT */
/*
 * make_jpegs.c - JPEG files of kinds that Pillow does not write: COUNT of them
 * as FOLDER/NUMBER.jpg, for test_jpeg_pixels.py. Sampling factors of all
 * colours, YCCK, RGB as it is, scans of one colour each, restarts. No
 * progressions that stop early: what is coarse is smoothed, by another rule in
 * each release.
 */
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

static const int colour_spaces[] = { JCS_YCbCr, JCS_RGB, JCS_YCCK, JCS_CMYK,
                                     JCS_YCbCr };
static const int factors[][6] = {
    { 1, 2, 1, 1, 1, 1 }, { 4, 1, 1, 1, 1, 1 }, { 1, 4, 1, 1, 1, 1 },
    { 2, 2, 1, 1, 1, 1 }, { 2, 1, 1, 1, 1, 1 }, { 1, 1, 1, 1, 1, 1 },
    { 2, 2, 2, 1, 1, 2 }, { 2, 2, 1, 2, 1, 1 }, { 1, 1, 2, 2, 1, 1 },
    { 4, 2, 1, 1, 1, 1 }, { 3, 1, 1, 1, 1, 1 }, { 2, 1, 1, 2, 1, 1 },
};
static jpeg_scan_info single[4];
static unsigned seed = 13;

static unsigned at_random(unsigned n)
{
    seed = seed * 1103515245 + 12345;
    return (seed >> 16) % n;
}

static void choose(struct jpeg_compress_struct *j, unsigned i)
{
    const int *f = factors[at_random(i % 5 == 2 || i % 5 == 3 ? 8 : 11)];
    const unsigned scans = at_random(4);

    j->image_width = 1 + at_random(i % 3 ? 40 : 9);
    j->image_height = 1 + at_random(i % 5 ? 40 : 9);
    j->input_components = i % 5 == 2 || i % 5 == 3 ? 4 : 3;
    j->in_color_space = j->input_components == 4 ? JCS_CMYK : JCS_RGB;
    jpeg_set_defaults(j);
    jpeg_set_colorspace(j, colour_spaces[i % 5]);
    jpeg_set_quality(j, (int)(1 + at_random(100)), TRUE);
    for (int c = 0; c < 3; c++) {
        j->comp_info[c].h_samp_factor = f[2 * c];
        j->comp_info[c].v_samp_factor = f[2 * c + 1];
    }
    if (j->input_components == 4) /* libjpeg takes those of Y */
        j->comp_info[3].h_samp_factor = j->comp_info[3].v_samp_factor = 1;
    for (int c = 0; c < 4; c++)
        single[c] = (jpeg_scan_info){ 1, { c }, 0, 63, 0, 0 };
    if (scans == 0)
        jpeg_simple_progression(j);
    if (scans == 1) {
        j->scan_info = single;
        j->num_scans = j->input_components;
    }
    j->optimize_coding = at_random(2) == 0;
#ifdef C_ARITH_CODING_SUPPORTED
    j->arith_code = i % 7 == 6;
    if (j->arith_code) /* it has no tables of codes to choose */
        j->optimize_coding = FALSE;
#endif
    j->restart_interval = at_random(4) ? 0 : 1 + at_random(9);
}

static void make(const char *folder, unsigned i)
{
    struct jpeg_compress_struct j;
    struct jpeg_error_mgr errors;
    char path[4096];
    unsigned char row[4 * 64];
    JSAMPROW rows[] = { row };
    FILE *f;

    snprintf(path, sizeof(path), "%s/%u.jpg", folder, i);
    f = fopen(path, "wb");
    if (!f)
        exit(1);
    j.err = jpeg_std_error(&errors);
    jpeg_create_compress(&j);
    jpeg_stdio_dest(&j, f);
    choose(&j, i);
    jpeg_start_compress(&j, TRUE);
    while (j.next_scanline < j.image_height) {
        for (unsigned k = 0; k < j.image_width * 4; k++)
            row[k] = (unsigned char)(k * 5 + j.next_scanline * 9 +
                                     at_random(1 + i % 120));
        jpeg_write_scanlines(&j, rows, 1);
    }
    jpeg_finish_compress(&j);
    jpeg_destroy_compress(&j);
    fclose(f);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    for (unsigned i = 0; i < (unsigned)atoi(argv[2]); i++)
        make(argv[1], i);
    return 0;
}
