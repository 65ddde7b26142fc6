/* SPDX-License-Identifier: MIT */
/*
 * error.c - writing an error for the caller.
 *
 * Text from files and paths ends up in logs and terminals, so nothing that
 * could forge a line or a terminal command passes: control characters are
 * escaped and invalid UTF-8 is replaced.
 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define LONGEST_PIECE 4 /* "\x1b", or one UTF-8 character */

/*
 * Write the visible form of the character at s, at most LONGEST_PIECE bytes.
 * @return its length; *used is how many bytes of s it stands for
 */
static size_t visible(char *out, const char *s, size_t size, size_t *used)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char c = (unsigned char)s[0];
    size_t length = expclip__utf8_length(s, size);

    *used = length ? length : 1;
    if (length == 0) {
        memcpy(out, "\xef\xbf\xbd", 3); /* U+FFFD */
        return 3;
    }
    if (c < 0x20 || c == 0x7f) {
        out[0] = '\\';
        out[1] = 'x';
        out[2] = digits[c >> 4];
        out[3] = digits[c & 15];
        return 4;
    }
    memcpy(out, s, length);
    return length;
}

/* Copy `text` in visible form, ended by "..." when it does not fit. */
static void write_message(char *out, size_t out_size, const char *text)
{
    const size_t room = out_size - 4; /* "..." and NUL */
    size_t size = strlen(text), n = 0, used;
    char piece[LONGEST_PIECE];

    while (size > 0) {
        size_t length = visible(piece, text, size, &used);

        if (n + length > room) {
            memcpy(out + n, "...", 3);
            n += 3;
            break;
        }
        memcpy(out + n, piece, length);
        n += length;
        text += used;
        size -= used;
    }
    out[n] = '\0';
}

expclip_status expclip__fail(expclip_error *err, expclip_status code,
                             const char *format, ...)
{
    char text[1024];
    va_list args;

    if (!err)
        return code;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    err->code = code;
    write_message(err->message, sizeof(err->message), text);
    return code;
}

expclip_status expclip__fail_memory(expclip_error *err, const char *what)
{
    return expclip__fail(err, EXPCLIP_ERROR_MEMORY, "%s: out of memory", what);
}

expclip_status expclip__returned(expclip_status status, expclip_error *err)
{
    if (err && (status == EXPCLIP_OK || err->code != status)) {
        err->code = status;
        err->message[0] = '\0';
    }
    return status;
}

int expclip__concerns_all(expclip_status status)
{
    return status == EXPCLIP_ERROR_CANCELLED ||
           status == EXPCLIP_ERROR_MEMORY || status == EXPCLIP_ERROR_FORK ||
           status == EXPCLIP_ERROR_BACKEND;
}
