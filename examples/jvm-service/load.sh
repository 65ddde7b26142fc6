#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How fast the service is on this machine, with the batcher and with one
# forward pass a request, taking turns; then 100,000 requests of which 10 % are
# malformed, and the memory before and after. Needs wrk and `mvn package`.
#
#     examples/jvm-service/load.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")"
rounds=${1:-3}
export FACE=../faces/happiness_2.png

start() { # start PORT MAX_BATCH
    SERVICE_PORT=$1 SERVICE_MAX_BATCH=$2 SERVICE_QUEUE_SIZE=256 \
        java -Xms256m -Xmx256m -XX:+AlwaysPreTouch -jar target/service.jar >"target/load-$1.log" 2>&1 &
    until curl -sf "127.0.0.1:$1/healthz" >/dev/null; do sleep 0.2; done
}
run() { # run PORT SECONDS
    wrk -t 2 -c 32 -d "$2s" -s load.lua "http://127.0.0.1:$1" | grep '^|'
}
resident() { # MB of the process that listens
    awk '/VmRSS/ {printf "%.0f", $2 / 1024}' "/proc/$1/status"
}

start 8081 8
batched=$!
start 8082 1
alone=$!
trap 'kill $batched $alone' EXIT
run 8081 10 >/dev/null # the JVM warms up
run 8082 10 >/dev/null
echo "| | right answers | a second | p50 ms | p99 ms | busy | wrong |"
echo "|---|---|---|---|---|---|---|"
for _ in $(seq "$rounds"); do
    echo "| batches of 8 $(run 8081 10)"
    echo "| one by one $(run 8082 10)"
done

export BAD=10
run 8081 20 >/dev/null
before=$(resident $batched)
total=0
echo
echo "10 % malformed:"
while [ "$total" -lt 100000 ]; do
    line=$(run 8081 20)
    total=$((total + $(cut -d '|' -f 2 <<<"$line")))
    echo "$line resident $(resident $batched) MB"
done
echo "$total right answers; resident before $before MB, after $(resident $batched) MB"
