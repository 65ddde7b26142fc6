# Sourced by ./demo and ./test: brings what a fresh Debian or Ubuntu lacks and
# builds. Safe to repeat: what is there already is left alone.

set -euo pipefail
if [ -n "${EXPCLIP_TORCH:-}" ]; then
    EXPCLIP_TORCH=$(realpath "$EXPCLIP_TORCH")
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."

torch_packages=(torch==2.15.0 nvidia-cuda-runtime==13.2.86
                nvidia-cuda-cupti==13.2.86)
build_packages=(gcc g++ cmake ninja-build pkg-config python3 python3-venv
                libstb-dev libjpeg-dev libwebp-dev libjansson-dev zlib1g-dev
                libutf8proc-dev
                libcurl4-openssl-dev libavformat-dev libavcodec-dev
                libavutil-dev libswscale-dev libcairo2-dev
                libsentencepiece-dev)

say() { printf '\n== %s\n' "$*"; }

# Install Debian packages that are not there, as root or through sudo.
need_packages() {
    local missing=() name
    for name in "$@"; do
        dpkg-query -W -f '${Status}' "$name" 2>/dev/null |
            grep -q 'ok installed' || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    local as_root=(env DEBIAN_FRONTEND=noninteractive)
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null || ! sudo -v; then
            echo "These packages are missing. Let an administrator run"
            echo "    apt-get install ${missing[*]}"
            echo "and start this again."
            exit 1
        fi
        as_root=(sudo "${as_root[@]}")
    fi
    say "apt-get install ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends \
        "${missing[@]}" >build/apt.log 2>&1 || { cat build/apt.log; exit 1; }
}

# A Python environment of the project's own, with the packages given.
need_python() { # need_python FOLDER PIP-ARGUMENT...
    local folder=$1 stamp
    shift
    # Lists of packages are files, which change.
    stamp=$(echo "$*"; for file; do [ ! -f "$file" ] || cat "$file"; done)
    stamp="$folder/installed-$(echo "$stamp" | cksum | cut -d ' ' -f 1)"
    [ -f "$stamp" ] && return
    say "Python environment $folder: $*"
    [ -x "$folder/bin/python" ] || python3 -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
        "$@"
    touch "$stamp"
}

# The folder of the torch package that a Python has; nothing when it has none.
torch_of() { # torch_of PYTHON
    "$1" -c 'import importlib.util as u
s = u.find_spec("torch")
print(s.submodule_search_locations[0] if s else "")' 2>/dev/null || true
}

# libtorch: the one named by EXPCLIP_TORCH, or python3's, or PyPI's without the
# CUDA parts that a CPU never loads.
need_torch() {
    local folder=${EXPCLIP_TORCH:-$(torch_of python3)}
    if [ -e "$folder/include/torch/csrc/stable/c/shim.h" ] ||
        [ -n "${EXPCLIP_TORCH:-}" ]; then
        say "libtorch: $folder"
        export EXPCLIP_TORCH=$folder
        need_python build/venv pip
    else
        need_python build/venv --no-deps "${torch_packages[@]}"
    fi
}

# Ubuntu 22.04 has a CMake that does not know our presets.
need_cmake() {
    local version
    version=$(cmake --version | sed -n 's/^cmake version //p')
    if [ "$(printf '3.25\n%s\n' "$version" | sort -V | head -1)" != 3.25 ]; then
        need_python build/venv-cmake 'cmake>=3.25,<4'
        export PATH="$PWD/build/venv-cmake/bin:$PATH"
    fi
}

# Configure and build. More arguments go to cmake.
build() { # build PRESET [CMAKE-ARGUMENT...]
    local preset=$1 log=build/$1.log
    shift
    say "build $preset (log: $log)"
    if ! cmake --preset "$preset" -DEXPCLIP_TORCH="${EXPCLIP_TORCH:-}" \
        -DPython3_EXECUTABLE="$PWD/build/venv/bin/python" "$@" >"$log" 2>&1 ||
        ! cmake --build --preset "$preset" >>"$log" 2>&1; then
        tail -n 60 "$log"
        exit 1
    fi
}

# Each kind of weights file with the program's numbers, which the tests of
# every language read.
need_weights_kinds() {
    export EXPCLIP_WEIGHTS_KINDS=$PWD/build/weights-kinds
    need_python build/venv-reference -r tests/reference/requirements.txt
    say "each kind of weights file: $EXPCLIP_WEIGHTS_KINDS"
    rm -rf "$EXPCLIP_WEIGHTS_KINDS"
    EXPCLIP=$PWD/build/release/bin/expclip OMP_NUM_THREADS=1 \
        build/venv-reference/bin/python tests/bindings/weights_kinds.py \
        "$EXPCLIP_WEIGHTS_KINDS" >build/weights-kinds.log 2>&1 ||
        { tail -n 40 build/weights-kinds.log; return 1; }
}

# Photographs and a film with faces, for the tests of a binding.
need_photographs() {
    export EXPCLIP_PHOTOGRAPHS=$PWD/build/photographs
    [ -e "$EXPCLIP_PHOTOGRAPHS/t1.jpg" ] ||
        build/venv/bin/python tests/bindings/photographs.py \
            "$EXPCLIP_PHOTOGRAPHS"
}

mkdir -p build
