/* SPDX-License-Identifier: MIT */
/*
 * api_strings.c - texts that callers get to keep.
 */
#include "api/api_strings.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

struct expclip_string {
    char *data; /* from malloc(): jansson's */
    size_t size;
};

expclip_status expclip__string_create(expclip_string **out, char *text,
                                      expclip_error *err)
{
    expclip_string *string = expclip__alloc(1, sizeof(*string));

    if (!string) {
        free(text);
        return expclip__fail_memory(err, "text");
    }
    string->data = text;
    string->size = strlen(text);
    *out = string;
    return EXPCLIP_OK;
}

const char *expclip_string_data(const expclip_string *string)
{
    return string ? string->data : "";
}

size_t expclip_string_size(const expclip_string *string)
{
    return string ? string->size : 0;
}

void expclip_string_free(expclip_string *string)
{
    if (!string)
        return;
    free(string->data);
    expclip__free(string);
}
