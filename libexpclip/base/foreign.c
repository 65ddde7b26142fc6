/* SPDX-License-Identifier: MIT */
/*
 * foreign.c - files that are often named where they cannot be read, and what
 * to do with each.
 *
 * Only messages depend on it: a kind that is guessed wrongly is refused like
 * all others.
 */
#include "base/foreign.h"

#include <string.h>
#include <strings.h>

#define AGAIN "its download or copy failed, so fetch the file anew"
#define UNPACK "unpack it, and name what is in it"
#define EXPORT                                                                 \
    "load it with what wrote it, and save its weights as safetensors or by "   \
    "torch.save()"

static const expclip__foreign empty = { "an empty file", AGAIN };
static const expclip__foreign zeros = { "nothing but zeros", AGAIN };

/* Texts, in any case, after a byte order mark and white space. */
static const struct {
    const char *beginning;
    expclip__foreign is;
} texts[] = {
    { "version https://git-lfs",
      { "a pointer of Git LFS instead of the file",
        "run `git lfs pull` in its repository" } },
    { "<!doctype html", { "a web page", AGAIN } },
    { "<html", { "a web page", AGAIN } },
    { "<?xml", { "XML", "look into it: a server may say there what failed" } },
    { "{\"error\"", { "a server's message of an error", AGAIN } },
    { "{\"message\"", { "a server's message of an error", AGAIN } },
    { "Entry not found", { "a server's message of an error", AGAIN } },
    { "Invalid username", { "a server's message of an error", AGAIN } },
    { "data:image/", { "an image as a data URL", "decode its base64" } },
};

static const struct {
    size_t offset, size;
    const char *magic;
    expclip__foreign is;
} magics[] = {
    { 0, 4, "PK\3\4", { "a zip archive", UNPACK } },
    { 0, 2, "\x1f\x8b", { "a file packed by gzip", UNPACK } },
    { 0, 6, "\xfd\x37zXZ\0", { "a file packed by xz", UNPACK } },
    { 0, 3, "BZh", { "a file packed by bzip2", UNPACK } },
    { 0, 4, "\x28\xb5\x2f\xfd", { "a file packed by zstd", UNPACK } },
    { 0, 6, "7z\xbc\xaf\x27\x1c", { "a 7z archive", UNPACK } },
    { 0, 4, "Rar!", { "a RAR archive", UNPACK } },
    { 257,
      5,
      "ustar",
      { "a tar file",
        UNPACK "; if it is of torch before 0.1.10 and you trust it, convert it "
               "with python -c \"import torch; torch.save(torch.load('OLD', "
               "weights_only=False), 'NEW')\"" } },
    { 0, 4, "GGUF", { "a GGUF model", EXPORT } },
    { 0, 4, "lmgg", { "a GGML model", EXPORT } },
    { 0, 4, "\x89HDF", { "an HDF5 file (Keras, TensorFlow)", EXPORT } },
    { 4, 4, "TFL3", { "a TensorFlow Lite model", EXPORT } },
    { 1, 7, "\xa6params", { "a Flax model (msgpack)", EXPORT } },
    { 1, 12, "\xablogit_scale", { "a Flax model (msgpack)", EXPORT } },
    { 0, 6, "\x93NUMPY", { "an array of NumPy", EXPORT } },
    { 0, 3, "\xff\xd8\xff", { "a JPEG image", "name another file" } },
    { 0, 8, "\x89PNG\r\n\x1a\n", { "a PNG image", "name another file" } },
    { 0, 4, "\x89PNG", { "a PNG with a damaged beginning", AGAIN } },
    { 0, 4, "%PDF", { "a PDF", "name another file" } },
    { 0,
      4,
      "\0\5\x16\7",
      { "what macOS notes beside a file (AppleDouble)", "leave it out" } },
    { 0,
      8,
      "\0\0\0\1Bud1",
      { "what macOS notes of a folder (.DS_Store)", "leave it out" } },
    { 128, 4, "DICM", { "a DICOM file", "convert it to PNG" } },
    { 8, 4, "AVI ", { "a video (AVI)", "name it where clips are read" } },
    { 0,
      4,
      "\x1a\x45\xdf\xa3",
      { "a video (Matroska, WebM)", "name it where clips are read" } },
};

/* ONNX and Core ML begin with field 1, their version, and then field 2. */
static const expclip__foreign protobuf = { "a protobuf model (ONNX, Core ML)",
                                           EXPORT };

static size_t skip_space(const uint8_t *bytes, size_t size)
{
    size_t i = size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    while (i < size && (bytes[i] == ' ' || bytes[i] == '\t' ||
                        bytes[i] == '\r' || bytes[i] == '\n'))
        i++;
    return i;
}

static int is_zero(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return 0;
    return 1;
}

const expclip__foreign *expclip__foreign_find(const uint8_t *bytes, size_t size)
{
    size_t at;

    if (size == 0)
        return &empty;
    if (size > EXPCLIP__FOREIGN_SIZE)
        size = EXPCLIP__FOREIGN_SIZE;
    at = skip_space(bytes, size);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const size_t n = strlen(texts[i].beginning);

        if (size - at >= n &&
            strncasecmp((const char *)bytes + at, texts[i].beginning, n) == 0)
            return &texts[i].is;
    }
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
        if (size >= magics[i].offset + magics[i].size &&
            memcmp(bytes + magics[i].offset, magics[i].magic, magics[i].size) ==
                0)
            return &magics[i].is;
    if (size > 3 && bytes[0] == 8 && bytes[1] < 32 && bytes[2] == 0x12)
        return &protobuf;
    return is_zero(bytes, size) ? &zeros : NULL;
}
