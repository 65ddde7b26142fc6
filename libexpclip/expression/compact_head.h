/* SPDX-License-Identifier: MIT */
/*
 * compact_head.h - a head [m, d] with m > d, reduced to [d, d].
 *
 * W = QR with orthonormal columns of Q: |Wx| = |Rx| and (Wx).(Wy) = (Rx).(Ry),
 * so every cosine stays as it is when R stands for W.
 */
#ifndef EXPCLIP_COMPACT_HEAD_H
#define EXPCLIP_COMPACT_HEAD_H

#include <expclip.h>

/** Write R [d, d] for W [m, d], m >= d, both row-major. Fails with MEMORY. */
expclip_status expclip__compact_head(float *r, const float *w, int64_t m,
                                     int64_t d, expclip_error *err);

#endif
