/* SPDX-License-Identifier: MIT */
/*
 * replaceable.h - no output destroys what is somebody else's.
 *
 * A file that exists may be replaced when it is empty, or when it begins like
 * those that this software writes of that kind. A shell that made one name of
 * too many out of a pattern (`--html *.png`) so loses nothing.
 */
#ifndef EXPCLIP_REPLACEABLE_H
#define EXPCLIP_REPLACEABLE_H

#include <stddef.h>

typedef enum expclip__file_kind {
    EXPCLIP__FILE_ANY,     /* in a folder that is ours alone */
    EXPCLIP__FILE_TENSORS, /* models, heads, class sets */
    EXPCLIP__FILE_ROWS,    /* features and targets */
    EXPCLIP__FILE_NPY,
    EXPCLIP__FILE_HTML,
    EXPCLIP__FILE_CSV,
    EXPCLIP__FILE_JSON,
    EXPCLIP__FILE_VTT,
    EXPCLIP__FILE_TABLES, /* Markdown and LaTeX of a report */
    EXPCLIP__FILE_PLOT,   /* SVG, PDF and PNG that hold EXPCLIP__PLOT_MARK */
    EXPCLIP__FILE_FILM,   /* videos that do */
} expclip__file_kind;

/** What plots hold in their last bytes, since they begin like anyone's, and
 * films in their first or last ones. */
#define EXPCLIP__PLOT_MARK "made by expclip"

/**
 * Look whether `path` may become a file of a kind.
 *
 * @param why  gets the reason, such as "found an image (PNG), expected ..."
 * @return 1, or 0 and the reason
 */
int expclip__is_replaceable(const char *path, expclip__file_kind kind,
                            char *why, size_t why_size);

#endif
