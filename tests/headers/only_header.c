/* SPDX-License-Identifier: MIT */
/*
 * only_header.c - a public header alone, compiled as C99, C11 and C++17 with
 * -pedantic -Werror. HEADER is defined by the build.
 */
#include HEADER

#include HEADER /* twice does no harm */

expclip_status only_header(void);

expclip_status only_header(void)
{
    return EXPCLIP_OK;
}
