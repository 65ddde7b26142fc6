# Sourced by ./test: builds the wheel, and tests it where torch is whole.

largest_wheel=$((12 * 1024 * 1024))

# A wheel that any Debian or Ubuntu of this age or newer takes; libtorch stays
# the user's. Its path is left in $wheel.
build_wheel() {
    local peers=build/venv-reference/bin
    rm -rf build/wheel
    say "the wheel (log: build/wheel.log)"
    "$peers/python" -m pip wheel --no-deps --wheel-dir build/wheel/raw \
        ./bindings/python >build/wheel.log 2>&1 &&
        PATH="$PWD/$peers:$PATH" "$peers/auditwheel" repair \
            --wheel-dir build/wheel --exclude 'libtorch*' --exclude 'libc10*' \
            build/wheel/raw/*.whl >>build/wheel.log 2>&1 &&
        wheel=$(echo build/wheel/*.whl) &&
        "$peers/abi3audit" --strict --report "$wheel" >>build/wheel.log 2>&1 ||
        { tail -n 40 build/wheel.log; return 1; }
    ls -l "$wheel"
    [ "$(stat -c %s "$wheel")" -le $largest_wheel ] ||
        { echo "$wheel: more than $largest_wheel bytes"; return 1; }
}

# In an environment that has nothing but it and NumPy.
check_clean_install() {
    local clean=build/venv-wheel
    rm -rf $clean
    python3 -m venv $clean
    $clean/bin/python -m pip install --quiet --disable-pip-version-check \
        numpy==2.4.6
    $clean/bin/python -m pip install --quiet --disable-pip-version-check \
        --no-deps "$wheel"
    EXPCLIP_TORCH=${EXPCLIP_TORCH:-$(torch_of build/venv/bin/python)} \
        $clean/bin/expclip score examples/faces/happiness_2.png
}

check_python() {
    local peers=$PWD/build/venv-reference/bin
    local untyped='pandas|Order|Sampling|Policy|RowFaces'
    build_wheel || return
    check_clean_install || return
    "$peers/python" -m pip install --quiet --disable-pip-version-check \
        --no-deps --force-reinstall "$wheel"
    (cd bindings/python && "$peers/mypy") || return
    # Generated code has no types; pandas is imported for checkers only; an
    # alias of Literal is no union to it.
    "$peers/stubtest" --mypy-config-file bindings/python/pyproject.toml \
        --ignore-missing-stub expclip \
        --allowlist <(echo "expclip\.\w+\.($untyped)") || return
    tests/consumers/readme.sh python "$peers/python" snippet.python || return
    tests/consumers/docs.sh python "$peers/python" snippet || return
    EXPCLIP=$PWD/build/release/bin/expclip env -u EXPCLIP_TORCH \
        "$peers/python" -m pytest -q -c bindings/python/pyproject.toml \
        bindings/python/tests
}

need_packages "${build_packages[@]}" python3-dev
need_cmake
need_torch
build release -DEXPCLIP_TESTS=ON
need_python build/venv-reference -r tests/reference/requirements.txt
need_python build/venv-reference -r bindings/python/tests/requirements.txt
need_python build/venv-swig swig==4.5.1
build/venv-swig/bin/python tests/bindings/test_parity.py \
    build/venv-swig/bin/swig python || failed+=(python-parity)
{ need_weights_kinds && check_python; } || failed+=(python)
