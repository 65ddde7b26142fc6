/* SPDX-License-Identifier: MIT */
/*
 * canvas.c - polygons with antialiased edges.
 *
 * Each pixel row is cut into four scan lines.  Along a scan line the part of
 * each pixel that lies inside is exact, so near-vertical edges are smooth
 * at any size and near-horizontal ones have four levels.
 */
#include "canvas.h"

#include <math.h>
#include <stddef.h>

#define SUBLINES 4
#define MAX_POINTS 256
#define MAX_STROKE 64

typedef struct crossing {
    float x;
    int direction; /* +1 where the edge goes down, -1 where it goes up */
} crossing;

float sine(float turns)
{
    float t = turns - floorf(turns);
    float x, x2;

    if (t > 0.5f)
        t -= 1.0f;
    if (t > 0.25f)
        t = 0.5f - t;
    else if (t < -0.25f)
        t = -0.5f - t;
    x = t * 6.2831853f;
    x2 = x * x;
    return x *
           (1.0f - x2 / 6.0f *
                       (1.0f - x2 / 20.0f *
                                   (1.0f - x2 / 42.0f * (1.0f - x2 / 72.0f))));
}

float mix(float a, float b, float t)
{
    return a + (b - a) * t;
}

colour mix_colour(colour a, colour b, float t)
{
    return (colour){ mix(a.r, b.r, t), mix(a.g, b.g, t), mix(a.b, b.b, t) };
}

float clamp(float value, float low, float high)
{
    return value < low ? low : value > high ? high : value;
}

uint64_t hash_pair(uint64_t a, uint64_t b)
{
    /* SplitMix64's finaliser over a simple combination. */
    uint64_t z = a * 0x9e3779b97f4a7c15u + b + 0x632be59bd9b4e019u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int find_crossings(const point *p, int n, float y, crossing *out)
{
    int count = 0;

    for (int i = 0, j = n - 1; i < n; j = i++) {
        crossing found;
        int at;

        if ((p[j].y <= y) == (p[i].y <= y))
            continue;
        found.x = p[j].x + (p[i].x - p[j].x) * (y - p[j].y) / (p[i].y - p[j].y);
        found.direction = p[j].y <= y ? 1 : -1;
        for (at = count++; at > 0 && out[at - 1].x > found.x; at--)
            out[at] = out[at - 1];
        out[at] = found;
    }
    return count;
}

static void add_span(float *coverage, int size, float from, float to)
{
    int first, last;

    from = clamp(from, 0.0f, (float)size);
    to = clamp(to, 0.0f, (float)size);
    if (to <= from)
        return;
    first = (int)from;
    last = (int)to;
    if (first == last) {
        coverage[first] += to - from;
        return;
    }
    coverage[first] += (float)(first + 1) - from;
    for (int x = first + 1; x < last; x++)
        coverage[x] += 1.0f;
    coverage[last] += to - (float)last; /* coverage has size + 1 places */
}

static void cover_line(float *coverage, int size, const point *p, int n,
                       float y)
{
    crossing cross[MAX_POINTS];
    int count = find_crossings(p, n, y, cross);
    int winding = 0;

    for (int i = 0; i + 1 < count; i++) {
        winding += cross[i].direction;
        if (winding != 0)
            add_span(coverage, size, cross[i].x, cross[i + 1].x);
    }
}

static void blend_row(canvas *c, int row, float *coverage, colour ink,
                      float alpha)
{
    float *pixel = c->pixels + (size_t)row * (size_t)c->width * 3;

    for (int x = 0; x < c->width; x++, pixel += 3) {
        float a = coverage[x] * alpha / SUBLINES;

        coverage[x] = 0.0f;
        if (a <= 0.0f)
            continue;
        pixel[0] = mix(pixel[0], ink.r, a);
        pixel[1] = mix(pixel[1], ink.g, a);
        pixel[2] = mix(pixel[2], ink.b, a);
    }
    coverage[c->width] = 0.0f;
}

void canvas_fill(canvas *c, const point *points, int n, colour ink, float alpha)
{
    float coverage[CANVAS_MAX_SIZE + 1] = { 0 };
    float top = (float)c->height, bottom = 0.0f;

    for (int i = 0; i < n; i++) {
        top = points[i].y < top ? points[i].y : top;
        bottom = points[i].y > bottom ? points[i].y : bottom;
    }
    top = clamp(top, 0.0f, (float)c->height);
    bottom = clamp(bottom, 0.0f, (float)c->height);
    for (int row = (int)top; (float)row < bottom; row++) {
        for (int s = 0; s < SUBLINES; s++)
            cover_line(coverage, c->width, points, n,
                       (float)row + ((float)s + 0.5f) / SUBLINES);
        blend_row(c, row, coverage, ink, alpha);
    }
}

void canvas_stroke(canvas *c, const point *points, int n, float width,
                   float taper, colour ink, float alpha)
{
    point ribbon[2 * MAX_STROKE];

    for (int i = 0; i < n; i++) {
        const point *a = &points[i > 0 ? i - 1 : 0];
        const point *b = &points[i + 1 < n ? i + 1 : n - 1];
        float dx = b->x - a->x, dy = b->y - a->y;
        float length = sqrtf(dx * dx + dy * dy) + 1e-6f;
        float u = 2.0f * (float)i / (float)(n - 1) - 1.0f;
        float half = 0.5f * width * mix(1.0f, taper, u * u);
        float nx = -dy / length * half, ny = dx / length * half;

        ribbon[i] = (point){ points[i].x + nx, points[i].y + ny };
        ribbon[2 * n - 1 - i] = (point){ points[i].x - nx, points[i].y - ny };
    }
    canvas_fill(c, ribbon, 2 * n, ink, alpha);
}

static void blur_line(float *first, int n, int stride, int radius)
{
    float copy[CANVAS_MAX_SIZE];

    for (int i = 0; i < n; i++)
        copy[i] = first[(size_t)i * (size_t)stride];
    for (int i = 0; i < n; i++) {
        float sum = 0.0f;

        for (int k = i - radius; k <= i + radius; k++)
            sum += copy[k < 0 ? 0 : k >= n ? n - 1 : k];
        first[(size_t)i * (size_t)stride] = sum / (float)(2 * radius + 1);
    }
}

void canvas_blur(canvas *c, int radius)
{
    const int row = 3 * c->width;

    if (radius < 1)
        return;
    for (int line = 0; line < c->height; line++)
        for (int channel = 0; channel < 3; channel++)
            blur_line(c->pixels + (size_t)line * (size_t)row + channel,
                      c->width, 3, radius);
    for (int column = 0; column < row; column++)
        blur_line(c->pixels + column, c->height, row, radius);
}

void canvas_store(const canvas *c, uint8_t *rgb)
{
    size_t n = (size_t)c->width * (size_t)c->height * 3;

    for (size_t i = 0; i < n; i++)
        rgb[i] = (uint8_t)(clamp(c->pixels[i], 0.0f, 1.0f) * 255.0f + 0.5f);
}
