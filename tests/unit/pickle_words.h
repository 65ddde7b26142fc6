/* SPDX-License-Identifier: MIT */
/*
 * pickle_words.h - pieces of pickles as torch.save() writes them, as texts.
 *
 * Write a NUL inside as \0 and give sizes with sizeof, as P() does.
 */
#ifndef EXPCLIP_TEST_PICKLE_WORDS_H
#define EXPCLIP_TEST_PICKLE_WORDS_H

#define PROTO "\x80\x02"
#define STOP "."
/** A text of at most 9 bytes; n is its length as an escape: "\1". */
#define TEXT(n, s) "X" n "\0\0\0" s
#define REBUILD "ctorch._utils\n_rebuild_tensor_v2\n"
#define ORDERED "ccollections\nOrderedDict\n"
/** ('storage', type, key, 'cpu', n) */
#define STORAGE(type, key, n)                                                  \
    "(" TEXT("\7", "storage") "ctorch\n" type "\n" TEXT("\1", key)             \
        TEXT("\3", "cpu") n "tQ"
/** A tensor of a storage of 16 floats; the parts are pickled numbers. */
#define TENSOR(storage, offset, size, stride)                                  \
    REBUILD "(" storage offset "(" size "t(" stride "t\x89" ORDERED ")RtR"
#define FLOATS STORAGE("FloatStorage", "0", "K\20")

#endif
