/* SPDX-License-Identifier: MIT */
/*
 * test_merge_word.c - merging, held against OpenAI's loop written plainly.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "tokens/merge_table.h"
#include "tokens/merges.h"

#define LONGEST 40
#define LONG_WORD (1u << 20)

/* Numbers that look random, the same on every machine. */
static uint32_t next_number(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

/* All merges made of few letters, in an order that looks random. */
static expclip__merges *small_table(uint32_t seed)
{
    static char text[1 << 16];
    char symbols[64][48] = { "a", "b", "c", "a</w>", "b</w>", "c</w>" };
    size_t n_symbols = 6, size = (size_t)sprintf(text, "#version\n");
    expclip__merges *m = NULL;

    while (n_symbols < 40) {
        const char *a = symbols[next_number(&seed) % n_symbols];
        const char *b = symbols[next_number(&seed) % n_symbols];
        char both[96];
        size_t i = 0;

        snprintf(both, sizeof(both), "%s%s", a, b);
        while (i < n_symbols && strcmp(symbols[i], both) != 0)
            i++;
        if (strstr(a, "</w>") || strlen(both) > 12 || i < n_symbols)
            continue;
        size += (size_t)sprintf(text + size, "%s %s\n", a, b);
        strcpy(symbols[n_symbols++], both);
    }
    assert_int_equal(expclip__merges_parse(&m, text, size, 34, NULL), 0);
    return m;
}

static int32_t rank_of(const expclip__merges *m, int32_t left, int32_t right)
{
    for (size_t i = 0; i <= m->mask; i++)
        if (m->entries[i].rank >= 0 &&
            m->entries[i].pair == ((uint32_t)left << 16 | (uint32_t)right))
            return m->entries[i].rank;
    return INT32_MAX;
}

/* bpe() of simple_tokenizer.py. */
static size_t merge_plainly(int32_t *word, size_t n, const expclip__merges *m)
{
    for (;;) {
        int32_t lowest = INT32_MAX;
        size_t to = 0;

        for (size_t i = 0; i + 1 < n; i++)
            if (rank_of(m, word[i], word[i + 1]) < lowest)
                lowest = rank_of(m, word[i], word[i + 1]);
        if (lowest == INT32_MAX)
            return n;
        for (size_t i = 0; i < n; i++) {
            const int hit =
                i + 1 < n && rank_of(m, word[i], word[i + 1]) == lowest;

            word[to++] = hit ? EXPCLIP__BYTE_SYMBOLS + lowest : word[i];
            i += (size_t)hit;
        }
        n = to;
    }
}

static void test_merge_word__equals_the_plain_loop(void **state)
{
    uint32_t seed = 1;

    (void)state;
    for (uint32_t table = 0; table < 20; table++) {
        expclip__merges *m = small_table(table);
        expclip__merger *merger = expclip__merger_create(m);

        for (int i = 0; i < 500; i++) {
            uint8_t bytes[LONGEST];
            int32_t word[LONGEST];
            const size_t size = 1 + next_number(&seed) % LONGEST;
            const int32_t *symbols;
            size_t n, n_symbols = 0;

            for (size_t k = 0; k < size; k++) {
                bytes[k] = (uint8_t)('a' + next_number(&seed) % 3);
                word[k] = m->byte_symbols[bytes[k]] + (k + 1 == size) * 256;
            }
            n = merge_plainly(word, size, m);
            symbols = expclip__merge_word(&n_symbols, merger, bytes, size);
            assert_int_equal(n_symbols, n);
            assert_memory_equal(symbols, word, n * sizeof(*word));
        }
        expclip__merger_free(merger);
        expclip__merges_free(m);
    }
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Letters that merge in all ways; twice the word may not take much more than
 * twice the time (a quadratic loop takes four times, and minutes here). */
static void test_merge_word__a_long_word_takes_linear_time(void **state)
{
    uint8_t *bytes = malloc(LONG_WORD);
    expclip__merges *m = NULL;
    expclip__merger *merger;
    uint32_t seed = 2;
    double taken[2];

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < LONG_WORD; i++)
        bytes[i] = (uint8_t)('a' + next_number(&seed) % 26);
    assert_int_equal(expclip__merges_load(&m, 48894, NULL), 0);
    merger = expclip__merger_create(m);
    for (size_t i = 0; i < 3; i++) { /* the first one is to warm up */
        const double start = seconds();
        size_t n = 0;

        assert_non_null(expclip__merge_word(
            &n, merger, bytes, i == 1 ? LONG_WORD / 2 : LONG_WORD));
        if (i > 0)
            taken[i - 1] = seconds() - start;
    }
    print_message("%u bytes: %.0f ms\n", LONG_WORD, 1000 * taken[1]);
    assert_true(taken[1] < 3 * taken[0] + 0.05);
    expclip__merger_free(merger);
    expclip__merges_free(m);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merge_word__equals_the_plain_loop),
        cmocka_unit_test(test_merge_word__a_long_word_takes_linear_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
