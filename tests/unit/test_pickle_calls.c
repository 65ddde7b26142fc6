/* SPDX-License-Identifier: MIT */
/*
 * test_pickle_calls.c - what may be called, and with what.
 */
#include "unit/pickle_words.h"
#include "unit/scratch.h"

#include "weights/pickle.h"

/* One line of a table: a pickle and what comes of it. */
typedef struct line {
    const char *text;
    size_t size;
    expclip_status status;
    const char *message; /* a part of it */
} line;

#define LINE(text, status, message)                                            \
    {                                                                          \
        text, sizeof(text) - 1, EXPCLIP_##status, message                      \
    }
#define MODULE "c__torch__.a.b\nC\n)\x81"

static void check_lines(const line *lines, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        expclip__pickle *p = NULL;
        expclip_error err = { 0 };
        uint8_t *exact = malloc(lines[i].size);
        expclip_status status;

        memcpy(exact, lines[i].text, lines[i].size);
        status = expclip__pickle_read(&p, exact, lines[i].size, &err);
        if (status != lines[i].status || !strstr(err.message, lines[i].message))
            print_error("line %zu: %s\n", i, err.message);
        assert_int_equal(status, lines[i].status);
        assert_non_null(strstr(err.message, lines[i].message));
        expclip__pickle_free(p);
        free(exact);
    }
}

static void test_pickle_calls__makes_tensors(void **state)
{
    static const char text[] =
        PROTO TENSOR(FLOATS, "K\1", "K\3K\2", "K\1K\5") STOP;
    expclip__pickle *p;
    const expclip__pickle_node *root, *storage;
    const expclip__pickle_view *v;

    (void)state;
    assert_int_equal(
        expclip__pickle_read(&p, (const uint8_t *)text, sizeof(text) - 1, NULL),
        0);
    root = &p->nodes[p->root];
    assert_int_equal(root->kind, EXPCLIP__PICKLE_TENSOR);
    storage = &p->nodes[root->is.tensor.storage];
    assert_int_equal(storage->is.storage.dtype, EXPCLIP__F32);
    assert_int_equal(storage->is.storage.key, 0);
    assert_int_equal(storage->is.storage.n_elements, 16);
    v = &p->views[root->is.tensor.view];
    assert_int_equal(v->offset, 1);
    assert_int_equal(v->n_dims, 2);
    assert_int_equal(v->n_elements, 6);
    assert_int_equal(v->stride[1], 5);
    expclip__pickle_free(p);
}

static void test_pickle_calls__names_what_it_does_not_call(void **state)
{
    static const line lines[] = {
        LINE(PROTO "cos\nsystem\n.", ERROR_UNSAFE, "\"os.system\""),
        LINE(PROTO "cbuiltins\neval\n.", ERROR_UNSAFE, "builtins.eval"),
        LINE(PROTO "ctorch\nload\n.", ERROR_UNSAFE, "torch.load"),
        LINE(PROTO "ctorch._utils\n_rebuild_tensor\n.", ERROR_UNSAFE,
             "_rebuild_tensor"),
        LINE(PROTO "c__torch__x\nC\n.", ERROR_UNSAFE, "__torch__x.C"),
        LINE(PROTO "ccollections\nOrderedDict.x\n.", ERROR_UNSAFE, "x"),
        LINE(PROTO "ccollections\nOrderedDict\r\n.", ERROR_UNSAFE, "\\x0d"),
        LINE(PROTO "c\n\n.", ERROR_UNSAFE, "\".\""),
    };

    (void)state;
    check_lines(lines, sizeof(lines) / sizeof(lines[0]));
}

/* torch's own kinds of tensors are no danger, and say what to save. */
static void test_pickle_calls__tensors_of_other_kinds_are_named(void **state)
{
    static const line lines[] = {
        LINE(PROTO "ctorch._utils\n_rebuild_meta_tensor_no_storage\n.",
             ERROR_UNSUPPORTED, "meta device"),
        LINE(PROTO "ctorch._utils\n_rebuild_qtensor\n.", ERROR_UNSUPPORTED,
             "quantised"),
        LINE(PROTO "ctorch._utils\n_rebuild_sparse_tensor\n.",
             ERROR_UNSUPPORTED, "to_dense()"),
        LINE(PROTO "ctorch\nComplexFloatStorage\n.", ERROR_UNSUPPORTED,
             "complex"),
        LINE(PROTO "ctorchx\nComplexFloatStorage\n.", ERROR_UNSAFE, "calls"),
        LINE(PROTO "copen_clip.model\nCLIP\n.", ERROR_UNSAFE,
             "torch.save(model.state_dict(), 'NEW')"),
    };

    (void)state;
    check_lines(lines, sizeof(lines) / sizeof(lines[0]));
}

#define TYPED "ctorch._tensor\n_rebuild_from_type_v2\n"

static void test_pickle_calls__checks_tensors_with_attributes(void **state)
{
    static const line lines[] = {
        LINE(PROTO TYPED "(NNNNtR.", ERROR_UNSAFE, "with attributes"),
        LINE(PROTO TYPED "(" REBUILD "cos\nsystem\n)}tR.", ERROR_UNSAFE,
             "os.system"),
        LINE(PROTO TYPED "(" REBUILD "ctorch\nTensor\nN}tR.", ERROR_UNSAFE,
             "with attributes"),
        LINE(PROTO TYPED "(" REBUILD "ctorch\nTensor\n)}tR.", ERROR_UNSAFE,
             "a tensor is not"),
        LINE(PROTO "ctorch\nTensor\n)R.", ERROR_UNSAFE, "cannot be called"),
        LINE(PROTO "ctorch._utils\n_rebuild_parameter_with_state\n(NNNNtR.",
             ERROR_UNSAFE, "state)"),
    };

    (void)state;
    check_lines(lines, sizeof(lines) / sizeof(lines[0]));
}

#define NAMESPACE "cargparse\nNamespace\n"

static void test_pickle_calls__keeps_what_trainings_add_inert(void **state)
{
    static const line lines[] = {
        LINE(PROTO NAMESPACE STOP, OK, ""),
        LINE(PROTO NAMESPACE ")\x81}(" TEXT("\1", "a") "Nub.", OK, ""),
        LINE(PROTO NAMESPACE ")}\x92.", OK, ""),
        LINE(PROTO NAMESPACE "))\x92.", ERROR_UNSAFE, "not a module"),
        LINE(PROTO NAMESPACE "N\x81.", ERROR_UNSAFE, "not a module"),
        LINE(PROTO NAMESPACE "NR.", ERROR_UNSAFE, "cannot be called"),
        LINE(PROTO NAMESPACE ")RNa.", OK, ""),  /* put in, dropped */
        LINE(PROTO NAMESPACE ")RNNs.", OK, ""), /* the same */
        LINE(PROTO NAMESPACE ")R)R.", ERROR_UNSAFE, "cannot be called"),
        LINE(PROTO NAMESPACE ")RNaNb.", OK, ""),
        LINE(PROTO NAMESPACE "Na.", ERROR_UNSAFE, "APPEND"),
        LINE(PROTO NAMESPACE "}b.", ERROR_UNSAFE, "BUILD"),
        LINE(PROTO "c__builtin__\nset\n](K\1e\x85R.", OK, ""),
        LINE(PROTO "ctorch\ndevice\n" TEXT("\3", "cpu") "\x85R.", OK, ""),
        LINE(PROTO "ccollections\ndefaultdict\n" ORDERED "\x85RNNs.", OK, ""),
        LINE("\x80\4\x8c\5numpy\x8c\5dtype\x93\x8c\2f8\x89\x88\x87R.", OK, ""),
        LINE("\x80\4\x8c\2os\x8c\6system\x93.", ERROR_UNSAFE, "os.system"),
        LINE("\x80\4\x8c\5torch\x8c\1 \x93.", ERROR_UNSAFE, "torch. "),
        LINE("\x80\4\x8c\5torch\x8c\4bool\x93.", OK, ""),
        LINE("\x80\4\x8c\5torch\x8c\3boo\x93.", ERROR_UNSAFE, "torch.boo"),
        LINE(PROTO "ctorch\nint32 int16\n.", ERROR_UNSAFE, "int32 int16"),
        LINE(PROTO "cbuiltins\nslice range \0\n.", ERROR_UNSAFE, "slice"),
        LINE(PROTO "cbuiltins\ngetattr\n.", ERROR_UNSAFE, "getattr"),
        LINE(PROTO "c__builtin__\neval\n.", ERROR_UNSAFE, "builtins.eval"),
        LINE(PROTO "\x8f" NAMESPACE "(N\x90.", ERROR_UNSAFE, "ADDITEMS"),
    };

    (void)state;
    check_lines(lines, sizeof(lines) / sizeof(lines[0]));
}

static void test_pickle_calls__checks_arguments(void **state)
{
    static const line lines[] = {
        LINE(PROTO ORDERED ")R.", OK, ""),
        LINE(PROTO ORDERED "N\x85R.", ERROR_UNSAFE, "with arguments"),
        LINE(PROTO ORDERED "]R.", ERROR_UNSAFE, "cannot be called"),
        LINE(PROTO "N)R.", ERROR_UNSAFE, "cannot be called"),
        LINE(PROTO "ctorch\nFloatStorage\n)R.", ERROR_UNSAFE, "called"),
        LINE(PROTO "c__torch__\nC\n)R.", ERROR_UNSAFE, "called"),
        LINE(PROTO "ctorch\nSize\n(K\1t\x85R.", OK, ""),
        LINE(PROTO "ctorch\nSize\nN\x85R.", ERROR_UNSAFE, "one list"),
        LINE(PROTO "ctorch.jit._pickle\nbuild_intlist\n](K\1e\x85R.", OK, ""),
        LINE(PROTO
             "ctorch.jit._pickle\nrestore_type_tag\n]" TEXT("\1", "x") "\x86R.",
             OK, ""),
        LINE(PROTO "ctorch.jit._pickle\nrestore_type_tag\n]\x85R.",
             ERROR_UNSAFE, "(value, name)"),
        LINE(PROTO REBUILD "(NNNNNNtR.", ERROR_UNSAFE, "a tensor is not"),
        LINE(PROTO REBUILD ")R.", ERROR_UNSAFE, "a tensor is not"),
        LINE(PROTO "ctorch._utils\n_rebuild_parameter\n(" TENSOR(
                 FLOATS, "K\0", "K\1", "K\1") "\x88" ORDERED ")RtR.",
             OK, ""),
        LINE(PROTO "ctorch._utils\n_rebuild_parameter\n(N\x88" ORDERED ")RtR.",
             ERROR_UNSAFE, "a parameter is not"),
    };

    (void)state;
    check_lines(lines, sizeof(lines) / sizeof(lines[0]));
}

static void test_pickle_calls__checks_storages(void **state)
{
    static const line lines[] = {
        LINE(PROTO FLOATS STOP, OK, ""),
        LINE(PROTO STORAGE("LongStorage", "9", "K\0") STOP, OK, ""),
        LINE(PROTO "NQ.", ERROR_FORMAT, "a storage is not"),
        LINE(PROTO ")Q.", ERROR_FORMAT, "a storage is not"),
        LINE(PROTO STORAGE("Size", "0", "K\1") STOP, ERROR_FORMAT,
             "a storage is not"),
        LINE(PROTO STORAGE("FloatStorage", "x", "K\1") STOP, ERROR_FORMAT,
             "a storage is not"),
        LINE(PROTO STORAGE("FloatStorage", "/", "K\1") STOP, ERROR_FORMAT,
             "a storage is not"),
        LINE(PROTO STORAGE("FloatStorage", "0", "N") STOP, ERROR_FORMAT,
             "a storage is not"),
        LINE(PROTO STORAGE("FloatStorage", "0", "J\xff\xff\xff\xff") STOP,
             ERROR_FORMAT, "impossible size"),
        LINE(PROTO STORAGE("FloatStorage", "0", "\x8a\10\0\0\0\0\0\0\0\x40")
                 STOP,
             ERROR_FORMAT, "impossible size"),
    };

    (void)state;
    check_lines(lines, sizeof(lines) / sizeof(lines[0]));
}

#define VIEW(offset, size, stride)                                             \
    PROTO TENSOR(FLOATS, offset, size, stride) STOP
#define HUGE "\x8a\10\xff\xff\xff\xff\xff\xff\xff\x7f"
#define INSIDE(view) LINE(view, OK, "")
#define OUTSIDE(view) LINE(view, ERROR_FORMAT, "does not lie in its storage")

static void test_pickle_calls__views_lie_in_their_storage(void **state)
{
    static const line lines[] = {
        INSIDE(VIEW("K\0", "K\20", "K\1")),      /* all 16 */
        INSIDE(VIEW("K\0", "", "")),             /* a scalar */
        INSIDE(VIEW("K\17", "", "")),            /* the last one */
        INSIDE(VIEW("K\0", "K\4K\4", "K\1K\4")), /* transposed */
        INSIDE(VIEW("K\1", "K\5K\3", "K\3K\1")),
        INSIDE(VIEW("K\0", "K\1K\20", "K\0K\1")),   /* strides of 1s */
        INSIDE(VIEW("K\0", "K\1K\20", HUGE "K\1")), /* do not matter */
        INSIDE(VIEW("K\x63", "K\0K\2", "K\2K\1")),  /* nothing, anywhere */
        OUTSIDE(VIEW("K\1", "K\20", "K\1")),
        OUTSIDE(VIEW("K\20", "", "")),
        LINE(VIEW("K\0", "K\4", "K\0"), ERROR_FORMAT, "save its clone()"),
        OUTSIDE(VIEW("K\0", "K\21", "K\1")),
        OUTSIDE(VIEW("K\0", "K\11", "K\2")), /* last is 16 */
        OUTSIDE(VIEW("J\xff\xff\xff\xff", "K\1", "K\1")),
        OUTSIDE(VIEW("K\0", "J\xff\xff\xff\xff", "K\1")),
        OUTSIDE(VIEW("K\0", "K\2", "J\xff\xff\xff\xff")),
        OUTSIDE(VIEW("K\0", "K\2", "")),          /* sizes without stride */
        OUTSIDE(VIEW("K\0", "K\2K\2", "K\1K\1")), /* elements twice */
        OUTSIDE(VIEW("K\0", "K\x64", "K\0")),     /* one, 100 times */
        OUTSIDE(VIEW("K\0", HUGE, "K\1")),
        OUTSIDE(VIEW("K\0", "K\2", HUGE)),
        OUTSIDE(VIEW(HUGE, "K\1", "K\1")),
        OUTSIDE(VIEW("K\0", HUGE HUGE, "K\1K\1")),
        OUTSIDE(VIEW("K\0", "K\2K\2K\2", HUGE HUGE "K\1")),
        OUTSIDE(VIEW("K\0", "K\1K\1K\1K\1K\1K\1K\1K\1K\1",
                     "K\1K\1K\1K\1K\1K\1K\1K\1K\1")), /* nine dimensions */
        OUTSIDE(VIEW("K\0", "N", "K\1")),
    };

    (void)state;
    check_lines(lines, sizeof(lines) / sizeof(lines[0]));
}

static void test_pickle_calls__builds_only_modules(void **state)
{
    static const line lines[] = {
        LINE(PROTO MODULE STOP, OK, ""),
        LINE(PROTO MODULE "}(" TEXT("\1", "a") "Nub.", OK, ""),
        LINE(PROTO MODULE "}(" TEXT("\1", "a") "Nub}b.", ERROR_FORMAT,
             "built twice"),
        LINE(PROTO MODULE "Nb.", ERROR_UNSAFE, "BUILD"),
        LINE(PROTO "N}b.", ERROR_UNSAFE, "BUILD"),
        LINE(PROTO "]}b.", ERROR_UNSAFE, "BUILD"),
        LINE(PROTO ORDERED ")R}b.", OK, ""),
        LINE(PROTO "}q\0h\0b.", ERROR_UNSAFE, "BUILD"),
        LINE(PROTO ORDERED ")\x81.", OK, ""),
        LINE(PROTO "ctorch\nSize\n)\x81.", ERROR_UNSAFE, "not a module"),
        LINE(PROTO "N)\x81.", ERROR_UNSAFE, "not a module"),
        LINE(PROTO "c__torch__\nC\n)}\x92.", ERROR_UNSAFE, "not a module"),
        LINE(PROTO "c__torch__\nC\nN\x85\x81.", ERROR_UNSAFE, "not a module"),
        LINE(PROTO FLOATS "NNs.", ERROR_UNSAFE, "SETITEM"),
        LINE(PROTO TENSOR(FLOATS, "K\0", "", "") "NNs.", ERROR_UNSAFE,
             "SETITEM"),
        LINE(PROTO "}Na.", ERROR_UNSAFE, "APPEND"),
        LINE(PROTO ")Na.", ERROR_UNSAFE, "APPEND"),
        /* a module in its own attributes */
        LINE(PROTO MODULE "q\0}(" TEXT("\1", "a") "h\0ub.", ERROR_FORMAT,
             "built twice"),
    };

    (void)state;
    check_lines(lines, sizeof(lines) / sizeof(lines[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pickle_calls__makes_tensors),
        cmocka_unit_test(test_pickle_calls__names_what_it_does_not_call),
        cmocka_unit_test(test_pickle_calls__tensors_of_other_kinds_are_named),
        cmocka_unit_test(test_pickle_calls__checks_tensors_with_attributes),
        cmocka_unit_test(test_pickle_calls__keeps_what_trainings_add_inert),
        cmocka_unit_test(test_pickle_calls__checks_arguments),
        cmocka_unit_test(test_pickle_calls__checks_storages),
        cmocka_unit_test(test_pickle_calls__views_lie_in_their_storage),
        cmocka_unit_test(test_pickle_calls__builds_only_modules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
