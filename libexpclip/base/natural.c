/* SPDX-License-Identifier: MIT */
/*
 * natural.c - names in the order in which people count: 2 before 10.
 */
#include "base/natural.h"

#include <stddef.h>
#include <string.h>

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t count_digits(const char *s)
{
    size_t n = 0;

    while (is_digit(s[n]))
        n++;
    return n;
}

/* Two numbers by value, of any length; both pointers are moved behind them. */
static int compare_numbers(const char **a, const char **b)
{
    size_t n_a, n_b;
    int order;

    while (**a == '0')
        (*a)++;
    while (**b == '0')
        (*b)++;
    n_a = count_digits(*a);
    n_b = count_digits(*b);
    if (n_a != n_b)
        return n_a < n_b ? -1 : 1;
    order = memcmp(*a, *b, n_a);
    *a += n_a;
    *b += n_b;
    return order;
}

int expclip__natural_compare(const char *a, const char *b)
{
    const char *x = a, *y = b;
    int order = 0;

    while (!order && *x && *y) {
        if (is_digit(*x) && is_digit(*y))
            order = compare_numbers(&x, &y);
        else
            order = (unsigned char)*x++ - (unsigned char)*y++;
    }
    if (!order)
        order = (*x != '\0') - (*y != '\0');
    return order ? order : strcmp(a, b);
}
