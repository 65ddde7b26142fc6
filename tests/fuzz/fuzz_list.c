/* SPDX-License-Identifier: MIT */
/*
 * fuzz_list.c - any bytes as a list or table of a dataset. The first byte says
 * of which; the rest is the file.
 */
#include "fuzz_folder.h"

#include "datasets/dataset.h"
#include "datasets/dataset_open.h"

/* Where a dataset looks for its list; FERPlus reads one beside the other. */
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

static void make_folders(void)
{
    for (int i = 0; i < N_FOLDERS; i++)
        if (mkdir(fuzz_path(folders[i]), 0700) != 0)
            abort();
    fuzz_write("val_set/images/1.jpg", "", 0);
}

static void open_set(const char *name, int32_t policy)
{
    expclip_dataset_options options = EXPCLIP_DATASET_OPTIONS_INIT;
    expclip_dataset *d = NULL;
    expclip__image image = { 0 };
    const int is_list = strcmp(name, "list") == 0;
    expclip_error err = { 0 };
    expclip_status status;

    options.policy = policy;
    options.map_from = "/data";
    status =
        expclip__dataset_open(&d, name, is_list ? fuzz_path(name) : fuzz_folder,
                              NULL, 0, &options, &err);
    fuzz_check(status, &err);
    if (status)
        return;
    if (d->items[0].pixels_size &&
        !expclip__item_pixels(&image, &d->items[0], &err))
        expclip__image_clear(&image);
    expclip__dataset_release(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char rows[] = "emotion,pixels,Usage\n0,1,PrivateTest\n";
    const int set = size ? data[0] % N_SETS : 0;
    const int is_votes = strcmp(sets[set].list, "fer2013new.csv") == 0;

    if (fuzz_begin())
        make_folders();
    if (is_votes)
        fuzz_write("fer2013.csv", rows, sizeof(rows) - 1);
    fuzz_write(sets[set].list, size ? data + 1 : data, size ? size - 1 : 0);
    open_set(sets[set].name, EXPCLIP_POLICY_STOP);
    open_set(sets[set].name, EXPCLIP_POLICY_SKIP);
    unlink(fuzz_path(sets[set].list));
    if (is_votes)
        unlink(fuzz_path("fer2013.csv"));
    return 0;
}
