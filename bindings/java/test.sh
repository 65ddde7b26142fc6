# Sourced by ./test: the Java package, its tests and documentation by Maven,
# then its jars alone.

torch_jars=(org.bytedeco:pytorch:2.10.0-1.5.13:jar:linux-x86_64
            org.bytedeco:openblas:0.3.31-1.5.13:jar:linux-x86_64)

# Builds and tests; the tests run under -Xcheck:jni, which has to be silent.
build_java() {
    local log=build/java.log artifact
    build/venv-swig/bin/python tests/bindings/test_parity.py \
        build/venv-swig/bin/swig java || return
    say "java: mvn package (log: $log)"
    for artifact in "${torch_jars[@]}"; do
        (cd bindings/java && mvn -q -B dependency:copy -Dartifact="$artifact" \
            -DoutputDirectory="$PWD/../../build/libtorch-2.10") || return
    done
    if ! (export PATH=$PWD/build/venv-swig/bin:$PATH
          export EXPCLIP=$PWD/build/release/bin/expclip
          export EXPCLIP_TORCH_JARS
          EXPCLIP_TORCH_JARS=$(printf '%s:' "$PWD"/build/libtorch-2.10/*.jar)
          python=$PWD/build/venv/bin/python
          cd bindings/java &&
              mvn -q -B package -Dcmake.options=-DPython3_EXECUTABLE="$python") \
            >$log 2>&1; then
        tail -n 60 $log
        return 1
    fi
    ! grep -nE "in native method|^WARNING" $log || return
    ! find bindings/java/target/generated-sources -name 'SWIGTYPE*' | grep .
}

# The example with nothing but the two jars, by class path and by module path.
try_jars() {
    local jar=bindings/java/target/expclip-0.1.0.jar
    local natives=${jar%.jar}-natives-linux-x86_64.jar
    local faces=(examples/faces/happiness_2.png README.md)
    local run=(java -Dexpclip.cache.dir=build/java-cache)
    say "java: examples/java/Classify.java"
    rm -rf build/java-cache
    ls -l "$jar" "$natives"
    "${run[@]}" -cp "$jar:$natives" examples/java/Classify.java demo \
        "${faces[@]}" | tee build/java-example.txt
    grep -q 'happiness_2.png: \[happiness=0.' build/java-example.txt &&
        grep -q 'README.md: UNSUPPORTED' build/java-example.txt &&
        "${run[@]}" -p "$jar" --add-modules io.github.libexpclip.expclip \
            -cp "$natives" examples/java/Classify.java demo "${faces[@]}" |
        cmp - build/java-example.txt || return
    say "java: examples/java/Clip.java"
    "${run[@]}" -cp "$jar:$natives" examples/java/Clip.java demo \
        examples/faces | tee build/java-clip.txt
    grep -q '^0.00-[0-9.]* s: ' build/java-clip.txt &&
        grep -q '^0 frames could not' build/java-clip.txt || return
    tests/consumers/readme.sh java sh -c "mv snippet.java First.java &&
        java -Dexpclip.cache.dir=$PWD/build/java-cache \
            -cp $PWD/$jar:$PWD/$natives First.java" || return
    tests/consumers/docs.sh java sh -c "mv snippet First.java &&
        java -Dexpclip.cache.dir=$PWD/build/java-cache \
            -cp $PWD/$jar:$PWD/$natives First.java" || return
    sed -n '/^```java$/,/^```$/{/^```$/q;/^```/!p}' bindings/java/README.md \
        >build/First.java
    "${run[@]}" -cp "$jar:$natives" build/First.java "${faces[0]}" |
        tee build/java-first.txt
    grep -q '^happiness 0.' build/java-first.txt
}

# The service on it, tested over HTTP and in a browser.
check_service() {
    say "java: examples/jvm-service (log: build/jvm-service.log)"
    (cd bindings/java && mvn -q -B install -DskipTests -Dmaven.javadoc.skip \
        -Dcmake.options=-DPython3_EXECUTABLE="$PWD/../../build/venv/bin/python") \
        >build/jvm-service.log 2>&1 &&
        mvn -q -B -f examples/jvm-service package >>build/jvm-service.log 2>&1 ||
        { tail -n 60 build/jvm-service.log; return 1; }
}

need_packages "${build_packages[@]}" openjdk-17-jdk-headless maven chromium \
    chromium-driver
need_cmake
need_torch
export EXPCLIP_TORCH=${EXPCLIP_TORCH:-$(torch_of build/venv/bin/python)}
build release
need_python build/venv-swig swig==4.5.1
{ need_weights_kinds && need_photographs && build_java && try_jars && check_service; } || failed+=(java)
