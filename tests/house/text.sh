#!/usr/bin/env bash
# How files are written: C as .clang-format says, words as a dictionary has them.
#
#     tests/house/text.sh FOLDER      with clang-format and codespell in it
#
# Headers of include/ are laid out by hand, to read as a book; what a program
# writes is as it writes it.
set -euo pipefail
cd "$(dirname "$0")/../.."
git ls-files '*.c' '*.h' '*.cpp' | grep -v '^include/\|^bindings/go/internal/' |
    xargs "$1/clang-format" --dry-run --Werror
git ls-files | xargs "$1/codespell"
