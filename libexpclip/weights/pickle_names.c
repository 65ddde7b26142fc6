/* SPDX-License-Identifier: MIT */
/*
 * pickle_names.c - the names that a torch pickle may mention: all of them.
 *
 * Trainings keep more than tensors: settings, paths, times, NumPy's numbers.
 * Such names are INERT here: they, what is made with them and what is put into
 * it are values without meaning, and nothing is ever run. Any name that is not
 * in the table is refused, by its name.
 */
#include <string.h>

#include "base/error.h"
#include "weights/pickle_machine.h"

#define MAX_GLOBAL 512u /* bytes of a line */

typedef expclip__pickle_ref ref;

/* Names of one module and one role; those of storages have a dtype each. */
static const struct {
    const char *module;
    const char *names; /* each between spaces */
    expclip__pk_role role;
    expclip__dtype dtype;
} globals[] = {
    { "collections", " OrderedDict ", EXPCLIP__PK_DICT, 0 },
    { "collections", " defaultdict ", EXPCLIP__PK_ANY_DICT, 0 },
    { "lightning.fabric.utilities.data", " AttributeDict ",
      EXPCLIP__PK_ANY_DICT, 0 },
    { "lightning_fabric.utilities.data", " AttributeDict ",
      EXPCLIP__PK_ANY_DICT, 0 },
    { "pytorch_lightning.utilities.parsing", " AttributeDict ",
      EXPCLIP__PK_ANY_DICT, 0 },
    { "torch._utils", " _rebuild_tensor_v2 ", EXPCLIP__PK_TENSOR, 0 },
    { "torch._utils", " _rebuild_parameter ", EXPCLIP__PK_PARAMETER, 0 },
    { "torch._utils", " _rebuild_parameter_with_state ",
      EXPCLIP__PK_PARAMETER_STATE, 0 },
    { "torch._tensor", " _rebuild_from_type_v2 ", EXPCLIP__PK_TYPED, 0 },
    { "torch", " Tensor ", EXPCLIP__PK_TYPE, 0 },
    { "torch.nn.parameter", " Parameter Buffer ", EXPCLIP__PK_TYPE, 0 },
    { "torch", " DoubleStorage ", EXPCLIP__PK_STORAGE, EXPCLIP__F64 },
    { "torch", " FloatStorage ", EXPCLIP__PK_STORAGE, EXPCLIP__F32 },
    { "torch", " HalfStorage ", EXPCLIP__PK_STORAGE, EXPCLIP__F16 },
    { "torch", " BFloat16Storage ", EXPCLIP__PK_STORAGE, EXPCLIP__BF16 },
    { "torch", " LongStorage ", EXPCLIP__PK_STORAGE, EXPCLIP__I64 },
    { "torch", " IntStorage ", EXPCLIP__PK_STORAGE, EXPCLIP__I32 },
    { "torch", " ShortStorage ", EXPCLIP__PK_STORAGE, EXPCLIP__I16 },
    { "torch", " CharStorage ", EXPCLIP__PK_STORAGE, EXPCLIP__I8 },
    { "torch", " ByteStorage ", EXPCLIP__PK_STORAGE, EXPCLIP__U8 },
    { "torch", " BoolStorage ", EXPCLIP__PK_STORAGE, EXPCLIP__BOOL },
    { "torch", " Size ", EXPCLIP__PK_SIZE, 0 },
    { "torch.jit._pickle",
      " build_intlist build_doublelist build_boollist build_tensorlist ",
      EXPCLIP__PK_LIST, 0 },
    { "torch.jit._pickle", " restore_type_tag ", EXPCLIP__PK_TAG, 0 },
    { "__torch__", "", EXPCLIP__PK_MODULE, 0 }, /* and below __torch__. */
    /* What weights do not need. */
    { "torch",
      " device float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 "
      "uint16 uint32 uint64 bool complex128 complex64 complex32 qint8 quint8 "
      "qint32 float8_e4m3fn float8_e5m2 ",
      EXPCLIP__PK_INERT, 0 },
    { "torch.serialization", " _get_layout ", EXPCLIP__PK_INERT, 0 },
    { "builtins",
      " int long float bool str unicode xrange list dict tuple object set "
      "frozenset complex bytes "
      "bytearray slice range ",
      EXPCLIP__PK_INERT, 0 },
    { "_codecs", " encode ", EXPCLIP__PK_INERT, 0 },
    { "collections", " Counter deque ", EXPCLIP__PK_INERT, 0 },
    { "argparse", " Namespace ", EXPCLIP__PK_INERT, 0 },
    { "types", " SimpleNamespace ", EXPCLIP__PK_INERT, 0 },
    { "typing", " Any ", EXPCLIP__PK_INERT, 0 },
    { "uuid", " UUID ", EXPCLIP__PK_INERT, 0 },
    { "pathlib",
      " Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath ",
      EXPCLIP__PK_INERT, 0 },
    { "pathlib._local", /* Python 3.13 */
      " Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath ",
      EXPCLIP__PK_INERT, 0 },
    { "datetime", " datetime date time timedelta timezone ", EXPCLIP__PK_INERT,
      0 },
    { "numpy",
      " dtype ndarray float64 float32 float16 int64 int32 int16 int8 uint8 "
      "uint16 uint32 uint64 bool_ ",
      EXPCLIP__PK_INERT, 0 },
    { "numpy.core.multiarray", " scalar _reconstruct ", EXPCLIP__PK_INERT, 0 },
    { "numpy._core.multiarray", " scalar _reconstruct ", EXPCLIP__PK_INERT, 0 },
    { "numpy.core.numeric", " _frombuffer ", EXPCLIP__PK_INERT, 0 },
    { "numpy._core.numeric", " _frombuffer ", EXPCLIP__PK_INERT, 0 },
    { "omegaconf.dictconfig", " DictConfig ", EXPCLIP__PK_INERT, 0 },
    { "omegaconf.listconfig", " ListConfig ", EXPCLIP__PK_INERT, 0 },
    { "omegaconf.base", " ContainerMetadata Metadata Node ", EXPCLIP__PK_INERT,
      0 },
    { "omegaconf.nodes",
      " AnyNode BooleanNode FloatNode IntegerNode StringNode ",
      EXPCLIP__PK_INERT, 0 },
};

#define N_GLOBALS (sizeof(globals) / sizeof(globals[0]))

/* Tensors that are none of plain numbers, and what makes them such. */
static const struct {
    const char *name; /* how it begins */
    const char *what;
} kinds[] = {
    { "_rebuild_meta_tensor",
      "a tensor without values (meta device); load the weights before saving" },
    { "_rebuild_qtensor", "a quantised tensor; save the float weights" },
    { "_rebuild_sparse", "a sparse tensor; save its to_dense()" },
    { "_rebuild_tensor_v3", "a tensor of a rare type; save its float()" },
    { "_rebuild_device_tensor", "a tensor of another device; save its cpu()" },
    { "_rebuild_wrapper_subclass",
      "a tensor of a subclass (DTensor, torchao); save plain tensors" },
    { "Complex", "complex numbers; save float weights" },
    { "Q", "a quantised tensor; save the float weights" },
};

/* A name that is not in the table. Tensors of other kinds are no danger. */
static expclip_status refuse(const expclip__pk_machine *m, const char *module,
                             size_t module_size, const char *name,
                             size_t name_size)
{
    const int is_torch =
        (module_size == 5 && memcmp(module, "torch", 5) == 0) ||
        (module_size > 6 && memcmp(module, "torch._", 7) == 0);

    for (size_t i = 0; is_torch && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const size_t n = strlen(kinds[i].name);

        if (name_size >= n && memcmp(name, kinds[i].name, n) == 0)
            return expclip__fail(m->err, EXPCLIP_ERROR_UNSUPPORTED,
                                 "pickle, byte %zu: %.*s.%.*s: %s", m->word,
                                 (int)module_size, module, (int)name_size, name,
                                 kinds[i].what);
    }
    return expclip__fail(
        m->err, EXPCLIP_ERROR_UNSAFE,
        "pickle, byte %zu: calls for \"%.*s.%.*s\"; only tensors are read, "
        "save the state_dict() alone: torch.save(model.state_dict(), 'NEW')",
        m->word, (int)module_size, module, (int)name_size, name);
}

/* A line without its end. */
static const char *take_line(expclip__pk_machine *m, size_t *size)
{
    const size_t left = m->size - m->at;
    const size_t most = left < MAX_GLOBAL ? left : MAX_GLOBAL;
    const char *line = (const char *)m->bytes + m->at;
    const char *end = most ? memchr(line, '\n', most) : NULL;

    if (!end) {
        expclip__pk_damaged(m, "a name without end");
        *size = 0;
        return line;
    }
    *size = (size_t)(end - line);
    m->at += *size + 1;
    return line;
}

/* Is a text one of the words of a list? */
static int is_among(const char *list, const char *text, size_t size)
{
    if (size == 0 || memchr(text, ' ', size) || memchr(text, 0, size))
        return 0;
    for (const char *at = list; *at && at[1]; at = strchr(at + 1, ' '))
        if (strncmp(at + 1, text, size) == 0 && at[1 + size] == ' ')
            return 1;
    return 0;
}

static int is_global(size_t row, const char *module, size_t module_size,
                     const char *name, size_t name_size)
{
    const char *expected = globals[row].module;
    const size_t size = strlen(expected);

    if (module_size < size || memcmp(module, expected, size) != 0)
        return 0;
    if (globals[row].role == EXPCLIP__PK_MODULE)
        return module_size == size || module[size] == '.';
    return module_size == size && is_among(globals[row].names, name, name_size);
}

/* Push what a name stands for; refuse one that is not in the table. */
static void push_global(expclip__pk_machine *m, const char *module,
                        size_t module_size, const char *name, size_t name_size)
{
    static const char old[] = "__builtin__"; /* protocol 2, as in Python 2 */
    size_t row = 0;
    expclip__pickle_node *global;

    if (module_size == sizeof(old) - 1 &&
        memcmp(module, old, sizeof(old) - 1) == 0) {
        module = "builtins";
        module_size = strlen(module);
    }
    while (row < N_GLOBALS &&
           !is_global(row, module, module_size, name, name_size))
        row++;
    if (row == N_GLOBALS) {
        m->status = refuse(m, module, module_size, name, name_size);
        return;
    }
    global = expclip__pk_push_new(m, EXPCLIP__PICKLE_GLOBAL);
    if (global)
        global->is.integer = (int64_t)row;
}

void expclip__pk_word_global(expclip__pk_machine *m)
{
    size_t module_size, name_size;
    const char *module = take_line(m, &module_size);
    const char *name = take_line(m, &name_size);

    if (!m->status)
        push_global(m, module, module_size, name, name_size);
}

/* The same with both names on the stack. */
void expclip__pk_word_stack_global(expclip__pk_machine *m)
{
    const ref name = expclip__pk_pop(m), module = expclip__pk_pop(m);
    const expclip__pickle_node *n, *o;

    if (m->status)
        return;
    n = expclip__pk_node(m, name);
    o = expclip__pk_node(m, module);
    if (n->kind != EXPCLIP__PICKLE_STRING || o->kind != EXPCLIP__PICKLE_STRING)
        expclip__pk_damaged(m, "a name that is not a text");
    else if (n->is.string.size > MAX_GLOBAL || o->is.string.size > MAX_GLOBAL)
        expclip__pk_damaged(m, "a name of more than 512 bytes");
    else
        push_global(m, o->is.string.text, o->is.string.size, n->is.string.text,
                    n->is.string.size);
}

expclip__pk_role expclip__pk_role_of(const expclip__pk_machine *m, ref r,
                                     expclip__dtype *dtype)
{
    int64_t row;

    if (expclip__pk_kind(m, r) != EXPCLIP__PICKLE_GLOBAL)
        return EXPCLIP__PK_NO_ROLE;
    row = expclip__pk_node(m, r)->is.integer;
    if (dtype)
        *dtype = globals[row].dtype;
    return globals[row].role;
}
