/* SPDX-License-Identifier: MIT */
/*
 * fuzz_list.c - any bytes as a list or table of a data set. The first byte says
 * of which; the rest is the file.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evaluate/dataset.h"

static char folder[32] = "/dev/shm/fuzz_list_XXXXXX"; /* memory: quick */
static int is_made;

/* Where a data set looks for its list; FERPlus reads one beside the other. */
static const struct {
    const char *name;
    const char *list;
} sets[] = {
    { "list", "list" },
    { "RAFDB", "EmoLabel/list_patition_label.txt" },
    { "AffectNet7", "validation.csv" },
    { "FER2013", "fer2013.csv" },
    { "FERPlus", "fer2013new.csv" },
    { "FERPlus", "FER2013Test/label.csv" },
    { "DFEW", "EmoLabel_DataSplit/test(single-labeled)/set_1.csv" },
    { "FERV39k", "4_setups/All_scenes/test_All.csv" },
    { "MAFW", "Train_Test_Set/single/no_caption_new/set_1/test.txt" },
    { "AffectNet8", "val_set/annotations/1_exp.npy" },
};

enum { N_SETS = sizeof(sets) / sizeof(sets[0]) };

static const char *const folders[] = {
    "EmoLabel",
    "Image",
    "Image/aligned",
    "Manually_Annotated_Images",
    "FER2013Test",
    "Clip",
    "Clip/jpg_256",
    "EmoLabel_DataSplit",
    "EmoLabel_DataSplit/test(single-labeled)",
    "2_ClipsforFaceCrop",
    "4_setups",
    "4_setups/All_scenes",
    "data",
    "data/faces",
    "Train_Test_Set",
    "Train_Test_Set/single",
    "Train_Test_Set/single/no_caption_new",
    "Train_Test_Set/single/no_caption_new/set_1",
    "val_set",
    "val_set/images",
    "val_set/annotations",
};

enum { N_FOLDERS = sizeof(folders) / sizeof(folders[0]) };

static const char *path_of(const char *name)
{
    static char path[256];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const void *bytes, size_t size)
{
    FILE *f = fopen(path_of(name), "wb");

    if (!f || fwrite(bytes, 1, size, f) != size || fclose(f) != 0)
        abort();
}

static void remove_folder(void)
{
    unlink(path_of("val_set/images/1.jpg"));
    for (int i = N_FOLDERS - 1; i >= 0; i--)
        rmdir(path_of(folders[i]));
    rmdir(folder);
}

static void make_folder(void)
{
    if (!mkdtemp(folder)) {
        strcpy(folder, "/tmp/fuzz_list_XXXXXX");
        if (!mkdtemp(folder))
            abort();
    }
    is_made = 1;
    atexit(remove_folder);
    for (int i = 0; i < N_FOLDERS; i++)
        if (mkdir(path_of(folders[i]), 0700) != 0)
            abort();
    write_file("val_set/images/1.jpg", "", 0);
}

static void open_set(const char *name, int32_t policy)
{
    expclip_dataset_options options = EXPCLIP_DATASET_OPTIONS_INIT;
    expclip_dataset *d = NULL;
    expclip__image image = { 0 };
    const int is_list = strcmp(name, "list") == 0;
    expclip_error err;

    options.policy = policy;
    options.map_from = "/data";
    if (expclip__dataset_open(&d, name, is_list ? path_of(name) : folder, NULL,
                              0, &options, &err))
        return;
    if (d->items[0].pixels_size &&
        !expclip__item_pixels(&image, &d->items[0], &err))
        expclip__image_clear(&image);
    expclip__dataset_release(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char rows[] = "emotion,pixels,Usage\n0,1,PrivateTest\n";
    const int set = size ? data[0] % N_SETS : 0;
    const int is_votes = strcmp(sets[set].list, "fer2013new.csv") == 0;

    if (!is_made)
        make_folder();
    if (is_votes)
        write_file("fer2013.csv", rows, sizeof(rows) - 1);
    write_file(sets[set].list, size ? data + 1 : data, size ? size - 1 : 0);
    open_set(sets[set].name, EXPCLIP_POLICY_STOP);
    open_set(sets[set].name, EXPCLIP_POLICY_SKIP);
    unlink(path_of(sets[set].list));
    if (is_votes)
        unlink(path_of("fer2013.csv"));
    return 0;
}
