/* SPDX-License-Identifier: MIT */
/*
 * typemaps.i - how Go passes each pattern of expclip.i: handles as uintptr,
 * arrays as slices without a copy, and everything that comes back, the error
 * too, in slices that the caller made, so that a call is one crossing to C.
 * No Go memory that C sees holds a Go pointer.
 */

%insert(cgo_comment_typedefs) %{
#cgo pkg-config: expclip
%}

/* ---- handles ---- */

%define HANDLE(TYPE)
%typemap(gotype) TYPE *, const TYPE * "uintptr"
%typemap(in) TYPE *, const TYPE * "$1 = ($1_ltype)$input;"
%enddef

HANDLE(expclip_batch)
HANDLE(expclip_batcher)
HANDLE(expclip_cancel)
HANDLE(expclip_classes)
HANDLE(expclip_clip)
HANDLE(expclip_dataset)
HANDLE(expclip_detector)
HANDLE(expclip_faces)
HANDLE(expclip_frames)
HANDLE(expclip_model)
HANDLE(expclip_prompts)
HANDLE(expclip_rows)
HANDLE(expclip_string)
HANDLE(expclip_teacher)
HANDLE(expclip_timeline)
HANDLE(expclip_tokenizer)
HANDLE(expclip_tracker)
HANDLE(expclip_trainer)

/* ---- what comes back: slices of one element, and 128 numbers of an error ---- */

%typemap(gotype) SWIGTYPE **out "[]uintptr"
%typemap(in) SWIGTYPE **out "$1 = ($1_ltype)$input.array;"
%typemap(gotype) expclip_error *err "[]int32"
%typemap(in) expclip_error *err "$1 = ($1_ltype)$input.array;"
%typemap(gotype) size_t *COUNT_OUT "[]uint64"
%typemap(in) size_t *COUNT_OUT "$1 = ($1_ltype)$input.array;"
%typemap(gotype) int32_t *FLAG_OUT "[]int32"
%typemap(in) int32_t *FLAG_OUT "$1 = ($1_ltype)$input.array;"
%typemap(gotype) float *FLOAT_OUT "[]float32"
%typemap(in) float *FLOAT_OUT "$1 = ($1_ltype)$input.array;"

/* ---- arrays ---- */

%define ARRAY(TYPE, NAME, GOTYPE)
%typemap(gotype) (TYPE *NAME, size_t SIZE) "GOTYPE"
%typemap(in) (TYPE *NAME, size_t SIZE) {
    $1 = ($1_ltype)$input.array;
    $2 = (size_t)$input.len;
}
%enddef

ARRAY(const float, FLOATS, []float32)
ARRAY(float, FLOATS_OUT, []float32)
ARRAY(const int32_t, INTS, []int32)
ARRAY(int32_t, INTS_OUT, []int32)
ARRAY(const uint8_t, BYTES, []byte)
ARRAY(uint8_t, BYTES_OUT, []byte)

/* ---- texts ---- */

%typemap(gotype) (const char *TEXT, size_t SIZE) "string"
%typemap(in) (const char *TEXT, size_t SIZE) {
    $1 = $input.p;
    $2 = (size_t)$input.n;
}

%{
/* Where each text starts, in bytes that hold texts ended by NUL. */
static const char **find_texts(const char *bytes, size_t size, size_t *n)
{
    const char **texts;

    *n = 0;
    for (size_t i = 0; i < size; i++)
        *n += bytes[i] == '\0';
    texts = calloc(*n + 1, sizeof(*texts));
    for (size_t i = 0; texts && i < *n; i++) {
        texts[i] = bytes;
        bytes += strlen(bytes) + 1;
    }
    return texts;
}
%}

/* Each text is ended by NUL. */
%typemap(gotype) (const char *const *TEXTS, size_t SIZE) "[]byte"
%typemap(in) (const char *const *TEXTS, size_t SIZE) (size_t n)
    "$1 = ($1_ltype)find_texts($input.array, (size_t)$input.len, &n); $2 = n;"
%typemap(freearg) (const char *const *TEXTS, size_t SIZE)
    "free((void *)(uintptr_t)$1);"
