/* SPDX-License-Identifier: MIT */
/*
 * digest.c - SHA-256 and SHA-1 (FIPS 180-4, sections 6.1 and 6.2), which share
 * their blocks of 64 bytes and their padding.
 */
#define _GNU_SOURCE
#include "inputs/digest.h"

#include <string.h>
#include <sys/types.h>

#include "terminal/stop.h"

enum { BLOCK = 64, N_WORDS = 16, READ_SIZE = 64 * 1024 };

typedef struct sha {
    uint32_t state[8];
    uint64_t n_bytes;
    unsigned char block[BLOCK];
    void (*step)(uint32_t *state, const uint32_t *words);
} sha;

static uint32_t rotate(uint32_t x, int left)
{
    return x << left | x >> (32 - left);
}

/** FIPS 180-4, 6.1.2. */
static void step_sha1(uint32_t *state, const uint32_t *words)
{
    static const uint32_t k[] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc,
                                  0xca62c1d6 };
    uint32_t w[80];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4];

    memcpy(w, words, N_WORDS * sizeof(*w));
    for (int t = N_WORDS; t < 80; t++)
        w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    for (int t = 0; t < 80; t++) {
        const uint32_t f = t < 20              ? (b & c) | (~b & d)
                           : t >= 40 && t < 60 ? (b & c) | (b & d) | (c & d)
                                               : b ^ c ^ d;
        const uint32_t next = rotate(a, 5) + f + e + k[t / 20] + w[t];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

/** FIPS 180-4, 6.2.2; s holds a to h. */
static void step_sha256(uint32_t *state, const uint32_t *words)
{
    /* Cube roots of the first 64 primes (4.2.2). */
    static const uint32_t k[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
        0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
        0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
        0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
        0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
        0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
        0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
        0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
        0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
    };
    uint32_t w[64];
    uint32_t s[8];

    memcpy(w, words, N_WORDS * sizeof(*w));
    for (int t = N_WORDS; t < 64; t++) {
        const uint32_t x = w[t - 15];
        const uint32_t y = w[t - 2];
        w[t] = (rotate(y, 15) ^ rotate(y, 13) ^ y >> 10) + w[t - 7] +
               (rotate(x, 25) ^ rotate(x, 14) ^ x >> 3) + w[t - 16];
    }
    memcpy(s, state, sizeof(s));
    for (int t = 0; t < 64; t++) {
        const uint32_t one =
            s[7] + (rotate(s[4], 26) ^ rotate(s[4], 21) ^ rotate(s[4], 7)) +
            ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[t] + w[t];
        const uint32_t two =
            (rotate(s[0], 30) ^ rotate(s[0], 19) ^ rotate(s[0], 10)) +
            ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof(*s));
        s[4] += one;
        s[0] = one + two;
    }
    for (int i = 0; i < 8; i++)
        state[i] += s[i];
}

static void take_block(sha *h)
{
    uint32_t words[N_WORDS];

    for (int i = 0; i < N_WORDS; i++) {
        const unsigned char *p = h->block + 4 * i;
        words[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
                   (uint32_t)p[2] << 8 | p[3];
    }
    h->step(h->state, words);
}

static void add(sha *h, const void *data, size_t size)
{
    const unsigned char *p = data;

    while (size) {
        const size_t at = h->n_bytes % BLOCK;
        const size_t n = size < BLOCK - at ? size : BLOCK - at;
        memcpy(h->block + at, p, n);
        h->n_bytes += n;
        p += n;
        size -= n;
        if (h->n_bytes % BLOCK == 0)
            take_block(h);
    }
}

static void finish(sha *h, char *hex, size_t n_words)
{
    const uint64_t n_bits = h->n_bytes * 8;
    unsigned char length[8];

    add(h, "\x80", 1);
    while (h->n_bytes % BLOCK != BLOCK - sizeof(length))
        add(h, "", 1);
    for (int i = 0; i < 8; i++)
        length[i] = (unsigned char)(n_bits >> (56 - 8 * i));
    add(h, length, sizeof(length));
    for (size_t i = 0; i < n_words; i++)
        snprintf(hex + 8 * i, 9, "%08x", h->state[i]);
}

size_t digest_length(digest_kind kind)
{
    return kind == DIGEST_SHA256 ? 64 : 40;
}

int digest_file(char hex[DIGEST_HEX_SIZE], digest_kind kind, FILE *f)
{
    /* Initial values: 5.3.3 and 5.3.1. */
    static const sha starts[] = {
        { { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
            0x9b05688c, 0x1f83d9ab, 0x5be0cd19 },
          0,
          { 0 },
          step_sha256 },
        { { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0, 0, 0,
            0 },
          0,
          { 0 },
          step_sha1 },
    };
    sha h = starts[kind];
    unsigned char buffer[READ_SIZE];
    char prefix[32];
    size_t n;

    if (fseeko(f, 0, SEEK_END))
        return -1;
    if (kind == DIGEST_GIT_BLOB) {
        n = (size_t)snprintf(prefix, sizeof(prefix), "blob %lld",
                             (long long)ftello(f));
        add(&h, prefix, n + 1); /* with its NUL */
    }
    rewind(f);
    while ((n = fread(buffer, 1, sizeof(buffer), f)) > 0 && !stop_wanted())
        add(&h, buffer, n);
    if (ferror(f) || stop_wanted())
        return -1;
    finish(&h, hex, digest_length(kind) / 8);
    return 0;
}
