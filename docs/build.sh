#!/usr/bin/env bash
# Build the documentation site into build/docs/html. A warning is an error.
#
#     docs/build.sh                the site; links inside it are checked
#     docs/build.sh --linkcheck    also the links to other sites (network)
#
# The help of the commands comes from the program: EXPCLIP=FILE names it, else
# it is that of build/release or build/dev. Safe to repeat.
. "$(dirname "$0")/../.ci/setup.sh"

out=build/docs
if [ -z "${EXPCLIP:-}" ]; then
    for EXPCLIP in build/{release,dev}/bin/expclip; do
        [ ! -x "$EXPCLIP" ] || break
    done
fi
if [ ! -x "$EXPCLIP" ]; then
    echo "docs/build.sh: no program at $EXPCLIP: run ./demo, or set EXPCLIP"
    exit 2
fi

need_packages doxygen python3-venv
need_python build/venv-docs -r docs/requirements.txt

say "pages that are generated, and the headers"
rm -rf $out docs/generated
mkdir -p $out
build/venv-docs/bin/python -B docs/generate.py "$EXPCLIP" docs/generated
for header in include/*.h; do # doxygen would not tell of its failure
    python3 -B docs/header_sections.py "$header" >/dev/null
done
{
    cat pkgconfig/Doxyfile
    echo 'GENERATE_HTML = NO'
    echo 'INPUT_FILTER = "python3 -B docs/header_sections.py"'
} | OUTPUT=$out/doxygen doxygen -

sphinx() { # sphinx BUILDER
    build/venv-docs/bin/python -m sphinx -q -W --keep-going -n -b "$1" \
        -d $out/doctrees docs "$out/$1"
}

say "the site"
sphinx html
[ "${1:-}" != --linkcheck ] || sphinx linkcheck
say "$out/html/index.html"
