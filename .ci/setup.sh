# Sourced by ./demo and ./test: brings what a fresh Debian or Ubuntu lacks and
# builds. Safe to repeat: what is there already is left alone.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

torch_packages=(torch==2.15.0 nvidia-cuda-runtime==13.2.86
                nvidia-cuda-cupti==13.2.86)
build_packages=(gcc g++ cmake ninja-build pkg-config python3 python3-venv
                libstb-dev libjansson-dev zlib1g-dev libutf8proc-dev
                libcurl4-openssl-dev libssl-dev libcmocka-dev)

say() { printf '\n== %s\n' "$*"; }

# Install Debian packages that are not there, as root or through sudo.
need_packages() {
    local missing=() name sudo=""
    for name in "$@"; do
        dpkg-query -W -f '${Status}' "$name" 2>/dev/null |
            grep -q 'ok installed' || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" -ne 0 ]; then
        sudo=sudo
        if ! command -v sudo >/dev/null || ! sudo -v; then
            echo "These packages are missing, and only root may install them:"
            echo "    apt-get install ${missing[*]}"
            exit 1
        fi
    fi
    say "apt-get install ${missing[*]}"
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq \
        --no-install-recommends "${missing[@]}" >/dev/null
}

# A Python environment of the project's own, with the packages given.
need_python() { # need_python FOLDER PIP-ARGUMENT...
    local folder=$1 stamp
    shift
    stamp="$folder/installed-$(echo "$*" | cksum | cut -d ' ' -f 1)"
    [ -f "$stamp" ] && return
    say "Python environment $folder: $*"
    [ -x "$folder/bin/python" ] || python3 -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
        "$@"
    touch "$stamp"
}

# libtorch: the user's own, or PyPI's without the CUDA parts a CPU never loads.
need_torch() {
    if [ -n "${EXPCLIP_TORCH:-}" ]; then
        say "libtorch of EXPCLIP_TORCH=$EXPCLIP_TORCH"
        need_python build/venv pip
    else
        need_python build/venv --no-deps "${torch_packages[@]}"
    fi
}

# Configure once, then build. More arguments go to cmake.
build() { # build PRESET [CMAKE-ARGUMENT...]
    local preset=$1
    shift
    say "build $preset"
    cmake --preset "$preset" -DPython3_EXECUTABLE="$PWD/build/venv/bin/python" \
        "$@" >build/"$preset".log 2>&1 || { cat build/"$preset".log; exit 1; }
    cmake --build --preset "$preset" 2>&1 | tee -a build/"$preset".log |
        grep -E 'error|warning|FAILED' || true
    [ "${PIPESTATUS[0]}" -eq 0 ]
}

mkdir -p build
