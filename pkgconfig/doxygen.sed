# For doxygen: says at each place what the headers say once or in plain
# comments. A new function or field still has to be documented by hand.
1i /** @file */
# The remark behind a field, a constant or a macro is its documentation.
s@([;,]) +/\* @\1 /**< @
s@^(#define .*[^ ]) +/\* @\1 /**< @
# The last member of an enum has no comma.
s@^( +EXPCLIP_[A-Z0-9_]+( = -?[0-9]+)?) +/\* @\1 /**< @
# Names that mean the same everywhere.
/^EXPCLIP_API void expclip_[a-z]+_free\(/i /** Release it. Takes NULL. */
/^#define EXPCLIP_[A-Z]+_OPTIONS_INIT/i /** All fields at their defaults. */
/^typedef struct expclip_[a-z]+_options \{/i /** Start from INIT or init(). */
s@(size_t struct_size;)$@\1 /**< Set by INIT. */@
