/* SPDX-License-Identifier: MIT */
/*
 * typemaps.i - how Python passes each pattern of expclip.i: arrays by the
 * buffer protocol, without a copy; new objects and counts as results; failures
 * as the exception that expclip.errors makes of them. Only the limited API of
 * Python 3.11 is used.
 */

%begin %{
#define Py_LIMITED_API 0x030b0000
%}

%{
/* Raise expclip.errors.make(code, message). */
static void raise_error(int code, const char *message)
{
    PyObject *module = PyImport_ImportModule("expclip.errors");
    PyObject *error =
        module ? PyObject_CallMethod(module, "make", "is", code, message)
               : NULL;

    if (error)
        PyErr_SetObject((PyObject *)Py_TYPE(error), error);
    Py_XDECREF(error);
    Py_XDECREF(module);
}

/* View an argument as a contiguous array of a type: one of `formats`. */
static int get_array(PyObject *object, Py_buffer *view, const char *formats,
                     Py_ssize_t item_size, int flags)
{
    const char *format;

    if (PyObject_GetBuffer(object, view,
                           PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | flags))
        return 0;
    format = view->format ? view->format : "B";
    if (format[0] == '<' || format[0] == '=' || format[0] == '@')
        format++;
    if (view->itemsize == item_size && format[0] && !format[1] &&
        strchr(formats, format[0]))
        return 1;
    PyErr_Format(PyExc_TypeError,
                 "array of format \"%s\", expected \"%c\" of %zd bytes",
                 view->format ? view->format : "B", formats[0], item_size);
    PyBuffer_Release(view);
    return 0;
}

/* Borrow the UTF-8 of each text of a list. */
static const char **get_texts(PyObject *list, size_t *n)
{
    const char **texts;

    if (!PyList_Check(list)) {
        PyErr_SetString(PyExc_TypeError, "texts: expected a list of str");
        return NULL;
    }
    *n = (size_t)PyList_Size(list);
    texts = calloc(*n + 1, sizeof(*texts));
    if (!texts) {
        PyErr_NoMemory();
        return NULL;
    }
    for (size_t i = 0; i < *n; i++) {
        Py_ssize_t size;

        texts[i] = PyUnicode_AsUTF8AndSize(
            PyList_GetItem(list, (Py_ssize_t)i), &size);
        if (texts[i] && strlen(texts[i]) == (size_t)size)
            continue;
        if (texts[i])
            PyErr_Format(PyExc_ValueError, "texts[%zu]: holds NUL", i);
        free(texts);
        return NULL;
    }
    return texts;
}
%}

/* ---- failures ---- */

%typemap(out) expclip_status "(void)$1; $result = NULL;"
/* What the call returned decides, never what it left in *err. */
%typemap(in, numinputs=0) expclip_error *err (expclip_error error)
    "error.message[0] = 0; $1 = &error;"
%typemap(argout) expclip_error *err {
    if (result) {
        raise_error(result, $1->message);
        SWIG_fail;
    }
    if (!$result)
        $result = SWIG_Py_Void();
}

/* ---- results ---- */

%typemap(in, numinputs=0) SWIGTYPE **out ($*1_ltype made = NULL)
    "$1 = &made;"
%typemap(argout) SWIGTYPE **out {
    if (*$1)
        $result = SWIG_Python_AppendOutput(
            $result, SWIG_NewPointerObj(*$1, $*1_descriptor, 0), 1);
}
%typemap(in, numinputs=0) size_t *COUNT_OUT (size_t count = 0) "$1 = &count;"
%typemap(argout) size_t *COUNT_OUT
    "$result = SWIG_Python_AppendOutput($result, PyLong_FromSize_t(*$1), 1);"
%typemap(in, numinputs=0) int32_t *FLAG_OUT (int32_t flag = 0) "$1 = &flag;"
%typemap(argout) int32_t *FLAG_OUT
    "$result = SWIG_Python_AppendOutput($result, PyBool_FromLong(*$1), 1);"
%typemap(in, numinputs=0) float *FLOAT_OUT (float number = 0) "$1 = &number;"
%typemap(argout) float *FLOAT_OUT
    "$result = SWIG_Python_AppendOutput($result, PyFloat_FromDouble(*$1), 1);"

/* ---- arrays; None is an empty one ---- */

%define ARRAY(TYPE, NAME, FORMATS, FLAGS)
%typemap(in) (TYPE *NAME, size_t SIZE) (Py_buffer view = { 0 }) {
    if ($input != Py_None &&
        !get_array($input, &view, FORMATS, sizeof(*$1), FLAGS))
        SWIG_fail;
    $1 = view.buf;
    $2 = (size_t)view.len / sizeof(*$1);
}
%typemap(freearg) (TYPE *NAME, size_t SIZE) "PyBuffer_Release(&view$argnum);"
%enddef

ARRAY(const float, FLOATS, "f", 0)
ARRAY(float, FLOATS_OUT, "f", PyBUF_WRITABLE)
ARRAY(const int32_t, INTS, "il", 0)
ARRAY(int32_t, INTS_OUT, "il", PyBUF_WRITABLE)
ARRAY(const uint8_t, BYTES, "Bbc", 0)
ARRAY(uint8_t, BYTES_OUT, "B", PyBUF_WRITABLE)

/* ---- texts: str, and for paths bytes or a PathLike too; NUL is refused ---- */

%typemap(in) const char * (PyObject *bytes = NULL) {
    if ($input != Py_None && !PyUnicode_FSConverter($input, &bytes))
        SWIG_fail;
    $1 = bytes ? PyBytes_AsString(bytes) : NULL;
}
%typemap(freearg) const char * "Py_XDECREF(bytes$argnum);"

%typemap(in) (const char *TEXT, size_t SIZE) (Py_ssize_t size = 0) {
    $1 = (char *)(uintptr_t)PyUnicode_AsUTF8AndSize($input, &size);
    if (!$1)
        SWIG_fail;
    $2 = (size_t)size;
}
%typemap(in) (const char *const *TEXTS, size_t SIZE) (size_t n = 0) {
    $1 = (char **)(uintptr_t)get_texts($input, &n);
    if (!$1)
        SWIG_fail;
    $2 = n;
}
%typemap(freearg) (const char *const *TEXTS, size_t SIZE)
    "free((void *)(uintptr_t)$1);"
