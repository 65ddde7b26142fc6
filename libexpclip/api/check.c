/* SPDX-License-Identifier: MIT */
/*
 * check.c - the checks that every exported function makes of its arguments.
 */
#include "api/check.h"

#include <string.h>

#include "base/error.h"

expclip_status expclip__check_pointer(const void *pointer, const char *name,
                                      expclip_error *err)
{
    if (pointer)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT, "%s: NULL", name);
}

expclip_status expclip__check_array(const void *array, size_t size,
                                    const char *name, expclip_error *err)
{
    return size ? expclip__check_pointer(array, name, err) : EXPCLIP_OK;
}

expclip_status expclip__check_size(size_t found, size_t expected,
                                   const char *name, expclip_error *err)
{
    if (found == expected)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT, "%s: %zu, expected %zu",
                         name, found, expected);
}

expclip_status expclip__check_range(int64_t found, int64_t least, int64_t most,
                                    const char *name, expclip_error *err)
{
    if (found >= least && found <= most)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                         "%s: %lld, expected %lld to %lld", name,
                         (long long)found, (long long)least, (long long)most);
}

expclip_status expclip__check_options(void *out, size_t out_size,
                                      const void *options, const char *name,
                                      expclip_error *err)
{
    size_t size;

    if (!options)
        return EXPCLIP_OK;
    memcpy(&size, options, sizeof(size));
    if (size < sizeof(size) || size > out_size)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "%s: struct_size %zu, expected at most %zu; "
                             "start from its _INIT",
                             name, size, out_size);
    memcpy(out, options, size);
    memcpy(out, &out_size, sizeof(out_size));
    return EXPCLIP_OK;
}

void expclip__write_options(void *options, size_t options_size,
                            const void *defaults, size_t defaults_size)
{
    const size_t size =
        options_size < defaults_size ? options_size : defaults_size;

    if (!options || size < sizeof(size))
        return;
    memcpy(options, defaults, size);
    memcpy(options, &size, sizeof(size));
}

expclip_status expclip__check_flag(int32_t value, const char *name,
                                   expclip_error *err)
{
    if (value == 0 || value == 1)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT, "%s: %d, expected 0 or 1",
                         name, (int)value);
}

expclip_status expclip__check_reserved(int32_t value, expclip_error *err)
{
    if (value == 0)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                         "reserved: %d, expected 0", (int)value);
}
