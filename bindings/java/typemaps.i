/* SPDX-License-Identifier: MIT */
/*
 * typemaps.i - how Java passes each pattern of expclip.i: handles as long;
 * numbers as direct buffers, without a copy, or as arrays, with one; texts as
 * real UTF-8, not the modified one of JNI; new objects and counts as results;
 * failures as the exception that Errors.raise() makes, in the same call.
 * The Java halves of the conversions are in Arrays.java and Utf8.java.
 */

/* Constants without a native call, so that they need no library. */
%javaconst(1);

%{
/* Throw the exception of a status; messages are UTF-8, so they go as bytes. */
static void raise_error(JNIEnv *env, int code, const char *message)
{
    jsize size = (jsize)strlen(message);
    /* In a native method FindClass asks the loader of its class, RawJNI. */
    jclass errors = (*env)->FindClass(
        env, "io/github/libexpclip/expclip/internal/Errors");
    jmethodID raise = errors ? (*env)->GetStaticMethodID(env, errors, "raise",
                                                         "(I[B)V")
                             : NULL;
    jbyteArray bytes = raise ? (*env)->NewByteArray(env, size) : NULL;

    if (!bytes)
        return; /* that failure is thrown instead */
    (*env)->SetByteArrayRegion(env, bytes, 0, size, (const jbyte *)message);
    (*env)->CallStaticVoidMethod(env, errors, raise, code, bytes);
}

static void raise_memory(JNIEnv *env)
{
    raise_error(env, EXPCLIP_ERROR_MEMORY, "out of memory");
}

/* A copy of the bytes, ended by NUL; NULL for null and after a failure. */
static char *get_text(JNIEnv *env, jbyteArray bytes, size_t *size)
{
    jsize n = bytes ? (*env)->GetArrayLength(env, bytes) : 0;
    char *text = bytes ? malloc((size_t)n + 1) : NULL;

    if (text) {
        (*env)->GetByteArrayRegion(env, bytes, 0, n, (jbyte *)text);
        text[n] = '\0';
    } else if (bytes) {
        raise_memory(env);
    }
    *size = (size_t)n;
    return text;
}

static jbyteArray make_text(JNIEnv *env, const char *text)
{
    jsize n = text ? (jsize)strlen(text) : 0;
    jbyteArray bytes = text ? (*env)->NewByteArray(env, n) : NULL;

    if (bytes)
        (*env)->SetByteArrayRegion(env, bytes, 0, n, (const jbyte *)text);
    return bytes;
}

/* Pointers to the texts of a block, in which a NUL ends each. */
static const char **get_texts(JNIEnv *env, const char *block, size_t size,
                              size_t *n)
{
    const char **texts;

    *n = 0;
    for (size_t i = 0; i < size; i++)
        *n += block[i] == '\0';
    texts = calloc(*n + 1, sizeof(*texts));
    if (!texts) {
        raise_memory(env);
        return NULL;
    }
    for (size_t i = 0; i < *n; i++) {
        texts[i] = block;
        block += strlen(block) + 1;
    }
    return texts;
}
%}

/* ---- handles: long; options: objects ---- */

%typemap(jstype) SWIGTYPE * "long"
%typemap(javain) SWIGTYPE * "$javainput"
%typemap(javaout) SWIGTYPE * { return $jnicall; }

%typemap(jstype) const SWIGTYPE *options "$javaclassname"
%typemap(javain) const SWIGTYPE *options "$javaclassname.getCPtr($javainput)"
%typemap(jstype) expclip_rates *rates "$javaclassname"
%typemap(javain) expclip_rates *rates "$javaclassname.getCPtr($javainput)"
%define STRUCT_OUT(TYPE)
%typemap(jstype) TYPE *out "$javaclassname"
%typemap(javain) TYPE *out "$javaclassname.getCPtr($javainput)"
%enddef
STRUCT_OUT(expclip_box)
STRUCT_OUT(expclip_track)
STRUCT_OUT(expclip_track_face)
%ignore expclip_face; /* expclip_faces_copy gives their numbers */
%typemap(javafinalize) SWIGTYPE ""

/* ---- failures, and results in their place ---- */

%typemap(jni) expclip_status "jlong"
%typemap(jtype) expclip_status "long"
%typemap(jstype) expclip_status "long"
%typemap(javaout) expclip_status { return $jnicall; }
%typemap(out) expclip_status "(void)$1;"

%typemap(in, numinputs=0) expclip_error *err (expclip_error error)
    "error.message[0] = 0; $1 = &error;"
%typemap(argout) expclip_error *err /* what the call returned decides */
    "if (result) raise_error(jenv, result, $1->message);"

%typemap(in, numinputs=0) SWIGTYPE **out ($*1_ltype made = NULL)
    "$1 = &made;"
%typemap(argout) SWIGTYPE **out "$result = (jlong)(intptr_t)*$1;"
%typemap(in, numinputs=0) size_t *COUNT_OUT (size_t count = 0) "$1 = &count;"
%typemap(argout) size_t *COUNT_OUT "$result = (jlong)*$1;"

%typemap(jni) int32_t *FLAG_OUT "jbooleanArray"
%typemap(jtype) int32_t *FLAG_OUT "boolean[]"
%typemap(jstype) int32_t *FLAG_OUT "boolean[]"
%typemap(javain) int32_t *FLAG_OUT "$javainput"
%typemap(in) int32_t *FLAG_OUT (int32_t flag = 0) "$1 = &flag;"
%typemap(argout) int32_t *FLAG_OUT {
    jboolean set = *$1 != 0;

    if ($input && !(*jenv)->ExceptionCheck(jenv))
        (*jenv)->SetBooleanArrayRegion(jenv, $input, 0, 1, &set);
}

%typemap(jni) float *FLOAT_OUT "jfloatArray"
%typemap(jtype) float *FLOAT_OUT "float[]"
%typemap(jstype) float *FLOAT_OUT "float[]"
%typemap(javain) float *FLOAT_OUT "$javainput"
%typemap(in) float *FLOAT_OUT (float number = 0) "$1 = &number;"
%typemap(argout) float *FLOAT_OUT {
    if ($input && !(*jenv)->ExceptionCheck(jenv))
        (*jenv)->SetFloatArrayRegion(jenv, $input, 0, 1, $1);
}

/* ---- arrays: RELEASE is 0 to copy back into a Java array, or JNI_ABORT ---- */

%define ARRAY(TYPE, NAME, METHOD, JAVA, JNI, RELEASE)
%typemap(jni) (TYPE *NAME, size_t SIZE) "jobject"
%typemap(jtype) (TYPE *NAME, size_t SIZE) "Object"
%typemap(jstype) (TYPE *NAME, size_t SIZE) "Object"
%typemap(javain) (TYPE *NAME, size_t SIZE) "Arrays.METHOD($javainput)"
%typemap(in) (TYPE *NAME, size_t SIZE) (void *direct = NULL) {
    direct = $input ? (*jenv)->GetDirectBufferAddress(jenv, $input) : NULL;
    $1 = direct;
    if (direct) {
        $2 = (size_t)(*jenv)->GetDirectBufferCapacity(jenv, $input);
    } else if ($input) {
        $2 = (size_t)(*jenv)->GetArrayLength(jenv, $input);
        $1 = (void *)(*jenv)->Get##JAVA##ArrayElements(jenv, $input, NULL);
        if (!$1) {
            raise_memory(jenv);
            return $null;
        }
    } else {
        $2 = 0;
    }
}
%typemap(freearg) (TYPE *NAME, size_t SIZE) {
    if ($1 && !direct$argnum)
        (*jenv)->Release##JAVA##ArrayElements(
            jenv, $input, (JNI *)(uintptr_t)$1, RELEASE);
}
%typemap(argout) (TYPE *NAME, size_t SIZE) ""
%enddef

ARRAY(const float, FLOATS, floats, Float, jfloat, JNI_ABORT)
ARRAY(float, FLOATS_OUT, floatsOut, Float, jfloat, 0)
ARRAY(const int32_t, INTS, ints, Int, jint, JNI_ABORT)
ARRAY(int32_t, INTS_OUT, intsOut, Int, jint, 0)
ARRAY(const uint8_t, BYTES, bytes, Byte, jbyte, JNI_ABORT)
ARRAY(uint8_t, BYTES_OUT, bytesOut, Byte, jbyte, 0)

/* ---- texts ---- */

%typemap(jni) const char * "jbyteArray"
%typemap(jtype) const char * "byte[]"
%typemap(jstype) const char * "String"
%typemap(javain) const char * "Utf8.encode($javainput)"
%typemap(javaout) const char * { return Utf8.decode($jnicall); }
%typemap(in) const char * (size_t size) {
    $1 = get_text(jenv, $input, &size);
    if ($input && !$1)
        return $null;
}
%typemap(freearg) const char * "free($1);"
%typemap(out) const char * "$result = make_text(jenv, $1);"

%typemap(jni) (const char *TEXT, size_t SIZE) "jbyteArray"
%typemap(jtype) (const char *TEXT, size_t SIZE) "byte[]"
%typemap(jstype) (const char *TEXT, size_t SIZE) "String"
%typemap(javain) (const char *TEXT, size_t SIZE) "Utf8.encodeAny($javainput)"
%typemap(in) (const char *TEXT, size_t SIZE) {
    $1 = get_text(jenv, $input, &$2);
    if ($input && !$1)
        return $null;
}
%typemap(freearg) (const char *TEXT, size_t SIZE) "free($1);"

%typemap(jni) (const char *const *TEXTS, size_t SIZE) "jbyteArray"
%typemap(jtype) (const char *const *TEXTS, size_t SIZE) "byte[]"
%typemap(jstype) (const char *const *TEXTS, size_t SIZE) "String[]"
%typemap(javain) (const char *const *TEXTS, size_t SIZE)
    "Utf8.encodeAll($javainput)"
%typemap(in) (const char *const *TEXTS, size_t SIZE)
             (char *block = NULL, size_t size) {
    block = get_text(jenv, $input, &size);
    if ($input && !block)
        return $null;
    $1 = (char **)(uintptr_t)get_texts(jenv, block, size, &$2);
    if (!$1) {
        free(block);
        return $null;
    }
}
%typemap(freearg) (const char *const *TEXTS, size_t SIZE) {
    free((void *)(uintptr_t)$1);
    free(block$argnum);
}
