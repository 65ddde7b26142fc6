# Sourced by ./test: the Go module against an installed library.

# Go 1.24 or newer: the one that is there, or Debian's, which fetches a newer
# one as a module.
need_go() {
    local found
    found=$(go env GOVERSION 2>/dev/null || true)
    if [ "$(printf 'go1.24\n%s\n' "$found" | sort -V | head -1)" = go1.24 ]; then
        return
    fi
    need_packages golang-go
    say "Go 1.26 through the module proxy"
    local toolchain=golang.org/toolchain@v0.0.1-go1.26.0.linux-amd64 folder
    GOFLAGS=-modcacherw GONOSUMDB=golang.org/toolchain \
        go mod download -json $toolchain >build/go-toolchain.json
    grep -q '"h1:1p2G5COR51f8Q3EQ4HLJQDDL2ytLEqfL/yTawB0Jr8w="' \
        build/go-toolchain.json || { echo "$toolchain: another sum"; return 1; }
    folder=$(sed -n 's/^\t"Dir": "\(.*\)",$/\1/p' build/go-toolchain.json)
    chmod -R u+x "$folder/bin" "$folder/pkg/tool"
    export PATH="$folder/bin:$PATH" GOTOOLCHAIN=local
}

check_go() {
    local prefix=$PWD/build/go-prefix library
    rm -rf "$prefix"
    cmake --install build/release --prefix "$prefix" >/dev/null
    library=$(dirname "$(find "$prefix" -name libexpclip.so)")
    export PKG_CONFIG_PATH=$library/pkgconfig LD_LIBRARY_PATH=$library
    export EXPCLIP=$PWD/build/release/bin/expclip
    export EXPCLIP_TORCH=${EXPCLIP_TORCH:-$(torch_of build/venv/bin/python)}
    build/venv-swig/bin/python tests/bindings/test_parity.py \
        build/venv-swig/bin/swig go || return
    bindings/go/generate.sh "$PWD/build/venv-swig/bin/swig" || return
    git diff --exit-code --stat -- bindings/go/internal || {
        echo "bindings/go/internal is not what generate.sh makes: commit it"
        return 1
    }
    (cd bindings/go && [ -z "$(gofmt -l ./*.go)" ] &&
        go vet -unsafeptr=false ./... && go test -race ./... &&
        GOEXPERIMENT=cgocheck2 go test ./...) || return
    tests/consumers/readme.sh go sh -c "mkdir $PWD/examples/go/readme &&
        trap 'rm -r $PWD/examples/go/readme' EXIT &&
        cp snippet.go $PWD/examples/go/readme/main.go &&
        (cd $PWD/examples/go && go build -o $PWD/build/go-readme ./readme) &&
        $PWD/build/go-readme" || return
    tests/consumers/docs.sh go sh -c "mkdir $PWD/examples/go/readme &&
        trap 'rm -r $PWD/examples/go/readme' EXIT &&
        cp snippet $PWD/examples/go/readme/main.go &&
        (cd $PWD/examples/go && go build -o $PWD/build/go-docs ./readme) &&
        $PWD/build/go-docs" || return
    (cd examples/go && [ -z "$(gofmt -l .)" ] && go vet ./... && go test ./...)
}

need_packages "${build_packages[@]}" git
need_cmake
need_torch
build release -DEXPCLIP_TESTS=ON
need_python build/venv-swig swig==4.5.1
need_go
# What it exports is not for other parts.
{ need_weights_kinds && need_photographs && (check_go); } || failed+=(go)
