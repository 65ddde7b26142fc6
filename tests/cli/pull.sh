#!/bin/bash
# SPDX-License-Identifier: MIT
# Downloads, from a server on this machine.
. "$(dirname "$0")/expect.bash"
export EXPCLIP_CACHE=$work/cache

run pull --list
expect_code 0
expect_out '*ViT-B/32*https://*ViT-L/14*ExpCLIP_B32*https://*MIT licence*'
run pull
expect_code 2
run pull ViT-B/33
expect_code 2
expect_err '*unknown name ViT-B/33, did you mean ViT-B/32*'
run pull --url https://127.0.0.1/x -o x
expect_code 2
expect_err '*--url needs -o and one of --sha256 and --git-blob*'
run pull --url https://127.0.0.1/x -o x --sha256 12
expect_code 2
expect_err '*--sha256: found "12", expected 64 hexadecimal digits*'
zeros=0000000000000000000000000000000000000000000000000000000000000000

run pull --url https://127.0.0.1:1/x -o x --sha256 $zeros
if grep -q 'without libcurl' .err; then
    echo 'skipped: built without libcurl'
    exit 0
fi
expect_code 1

# Only https leaves this machine; nothing but the web is fetched.
for url in http://example.org/x http://127.0.0.1@example.org/x file:///etc/passwd \
    ftp://127.0.0.1/x http://127.0.0.1.example.org/x; do
    run pull --url "$url" -o x --sha256 $zeros
    expect_code 2
    expect_err '*only https is fetched*'
done

head -c 3000001 /dev/urandom >data
sum=$(sha256sum data | cut -d' ' -f1)
python3 "$source_dir/tests/cli/server.py" data >asked &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
for _ in {1..100}; do
    [[ -s asked ]] && break
    sleep 0.1
done
here=http://127.0.0.1:$(head -n 1 asked)

fetch()
{
    run pull --url "$here/$1/file" --sha256 "$sum" -o out "${@:2}"
}

fetch range
expect_code 0
expect_err '*out is there, digest checked*'
check cmp -s data out
check test ! -e out.part

# A file that is there is checked and not fetched again; a wrong one is kept.
before=$(wc -l <asked)
fetch range --json
expect_code 0
check json 'lines[0]["was_there"] and lines[0]["path"] == "out"'
check test "$(wc -l <asked)" = "$before"
echo other >out
fetch range
expect_code 1
expect_err '*out is there, but is not the published file*'
check test "$(<out)" = other
rm out

# Half of it comes, and the next run goes on from there.
fetch cut
expect_code 1
check test ! -e out
check test "$(wc -c <out.part)" = 1500000
fetch range
expect_code 0
expect_err '*continuing from 1.5 MB*'
check cmp -s data out
check test "$(tail -n 1 asked)" = 'range 1500000'
rm out

# A server without ranges sends all of it again.
head -c 1000 data >out.part
fetch plain
expect_code 0
check cmp -s data out
rm out

# A whole part that lacks only its name: nothing is asked for.
cp data out.part
before=$(wc -l <asked)
fetch range
expect_code 0
check cmp -s data out
check test "$(wc -l <asked)" = "$before"
rm out

# A part of something else is found out by the digest, and all is fetched.
head -c 1000 /dev/zero >out.part
fetch range
expect_code 0
check cmp -s data out
rm out

# A part longer than the file, or one that the server cannot go on from.
for mode in range 416 offset plain; do
    for part in 'cat data data' 'head -c 1000 data' 'head -c 3000001 /dev/zero'; do
        $part >out.part
        fetch $mode
        expect_code 0
        check cmp -s data out
        check test ! -e out.part
        rm out
    done
done

# Lies: never a file, in no time and in little room.
for mode in wrong gzip long huge local loop; do
    fetch $mode
    expect_code 1
    check test ! -e out
    rm -f out.part
done
EXPCLIP_PULL_STALL=2 fetch drip
expect_code 1
expect_err '*too slow*'
rm -f out.part

# Only regular files, never through a link.
echo precious >victim
for name in out out.part; do
    ln -s victim $name
    fetch wrong
    expect_code $([[ $name = out ]] && echo 1 || echo 4)
    expect_err "*$name: found a link, expected a regular file*"
    check test "$(<victim)" = precious
    rm $name
    ln -s nowhere $name
    fetch range
    expect_err "*$name: found a link, expected a regular file*"
    check test ! -e nowhere
    rm $name
    mkfifo $name
    fetch range
    expect_err "*$name: found a pipe, expected a regular file*"
    rm $name
    mkdir $name
    fetch range
    expect_err "*$name: found a folder, expected a regular file*"
    rmdir $name
done
ln victim out.part
fetch wrong
expect_code 4
expect_err '*out.part: found a file with a second name*'
check test "$(<victim)" = precious
rm out.part
run pull --url "$here/range/file" --sha256 "$sum" -o /dev/null
expect_code 1
expect_err '*/dev/null: found a device*'

# What is not the published file is removed.
run pull --url "$here/range/file" --sha256 "$zeros" -o out
expect_code 1
expect_err '*removed, because it is not the published file*'
check test ! -e out -a ! -e out.part

# Git's own id of the file, and a wrong one.
git=$({ printf 'blob 3000001\0'; cat data; } | sha1sum | cut -d' ' -f1)
run pull --url "$here/range/file" --git-blob "$git" -o out
expect_code 0
check cmp -s data out
rm out
run pull --url "$here/range/file" --git-blob "${git/[0-9a-e]/f}" -o out
expect_code 1
check test ! -e out

# The names, from a mirror; the git id is checked too.
for name in ViT-B/32 ExpCLIP_B32; do
    EXPCLIP_PULL_BASE=$here/range/ run pull "$name"
    expect_code 1
    expect_err '*terms: *MIT licence*not the published file*'
done
check test -z "$(ls "$EXPCLIP_CACHE")"

fetch missing
expect_code 1
expect_err '*404*'
fetch redirect
expect_code 1
check test ! -e out

run pull --url "$here/range/file" --sha256 "$sum" -o no/such/out
expect_code 4
expect_err '*cannot write no/such/out.part: No such file*'

# Stopped: the part stays for the next run.
"$program" pull --url "$here/endless/file" --sha256 "$sum" -o slow 2>.err &
job=$!
for _ in {1..100}; do
    [[ -s slow.part ]] && break
    sleep 0.1
done
kill -TERM $job
wait $job
code=$? last='pull, stopped'
expect_code 4
expect_err '*stopped; the same command continues from here*'
check test -s slow.part

# One process at a time.
exec 9>>held.part
flock 9
run pull --url "$here/range/file" --sha256 "$sum" -o held
expect_code 4
expect_err '*another process is fetching it*'
exec 9>&-

# https with a certificate of one's own: trusted where curl's environment says.
command -v openssl >/dev/null || exit 0
mkdir certs
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certs/cert.pem \
    -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 2>/dev/null
openssl rehash certs || exit 0
python3 "$source_dir/tests/cli/server.py" data certs/cert.pem key.pem >tls &
server_tls=$!
trap 'kill $server $server_tls; rm -rf "$work"' EXIT
for _ in {1..100}; do
    [[ -s tls ]] && break
    sleep 0.1
done
here=https://127.0.0.1:$(head -n 1 tls)
fetch range
expect_code 1
check test ! -e out
for trust in CURL_CA_BUNDLE=certs/cert.pem SSL_CERT_FILE=certs/cert.pem \
    SSL_CERT_DIR=certs; do
    export "${trust?}"
    fetch range
    expect_code 0
    check cmp -s data out
    rm out
    unset "${trust%%=*}"
done
CURL_CA_BUNDLE=no.pem SSL_CERT_FILE=certs/cert.pem fetch range
expect_code 1
export CURL_CA_BUNDLE=certs/cert.pem
fetch redirect
expect_code 0
rm out
for mode in loop local; do
    fetch $mode
    expect_code 1
    check test ! -e out
done
