#!/bin/bash
# SPDX-License-Identifier: MIT
# Evaluations of several models, heads and datasets: what fails is reported,
# and nothing else is lost.
. "$(dirname "$0")/expect.bash"

mkdir -p faces/happiness faces/anger few/happiness few/fear
for class in happiness anger; do
    cp "$faces"/${class}_*.png faces/$class
done
cp "$faces"/happiness_*.png few/happiness
cp "$faces"/fear_*.png few/fear

# results FOLDER EXPRESSION: true for `results` and `comparisons` of its files.
results()
{
    python3 - "$1" "$2" <<'PYTHON'
import json, os, sys
folder = sys.argv[1]
results = json.load(open(folder + "/results.json", encoding="utf-8"))
comparisons = json.load(open(folder + "/comparisons.json", encoding="utf-8"))
sys.exit(not eval("(" + sys.argv[2] + ")"))
PYTHON
}
fast=(--bootstrap 0 --preprocess expclip)

# ---- each model with each head, given in any way ----
run evaluate faces few --prompts 'type1,a {} face' --head none --head auto,none \
    --compare "${fast[@]}" -o out
expect_code 0
check results out '[(r["head"], r["provenance"]["data"], r["prompt_set"])
    for r in results] == [(h, d, p) for h in ("none", "auto")
    for d in ("faces", "few") for p in ("type1", "a {} face")]'
check results out '[(c["first_head"], c["second_head"], c["data"], c["n"])
    for c in comparisons] == [("none", "auto", d, n)
    for d, n in (("faces", 8), ("few", 8)) for _ in range(2)]'
check results out 'len(os.listdir(folder + "/predictions")) == 8'

run evaluate faces --prompts type1 --head none,auto "${fast[@]}" -o alone
expect_code 0
check results alone 'comparisons == [] and len(results) == 2'

run evaluate faces --prompts all "${fast[@]}" -o alone
expect_code 0
check results alone '[r["prompt_set"] for r in results] == [
    "type1", "type2", "type3", "type4", "type5"]'

# ---- a dataset that is not there ----
run evaluate --data RAFDB=nowhere few --prompts type1 "${fast[@]}" -o some
expect_code 1
expect_out 'few type1 UAR/WAR: [0-9]*.[0-9][0-9]/[0-9]*.[0-9][0-9] *'
expect_err '*RAFDB: nowhere: no such*report: *'
check results some '[r["provenance"]["data"] for r in results] == ["few"]'
check test -s some/report.html

# A name that does not exist is a mistake of the command: nothing is done.
run evaluate --data CatDB=faces few --prompts type1 -o cats
expect_code 2
expect_err '*"CatDB": expected RAFDB*'
check test ! -e cats

# ---- features that cannot be had ----
for cache in out/cache/*; do echo 'my text' >"$cache"; break; done
run evaluate faces few --prompts type1 --head none "${fast[@]}" -o out
expect_code 4
expect_err "*$cache: not a file of features*report: *"
check results out 'len(results) == 1'
check test "$(cat "$cache")" = 'my text'

mkdir -p none/anger none/fear
echo nothing >none/anger/1.png
echo nothing >none/fear/1.png
run evaluate none few --prompts type1 "${fast[@]}" -o bad
expect_code 1
expect_err '*none/anger/1.png: *few: *'
check results bad '[r["provenance"]["data"] for r in results] == ["few"]'

# ---- a clip that lost a frame ----
mkdir -p clips/a clips/b
cp "$faces"/happiness_1.png clips/a/1.png
for i in {10..29}; do
    cp "$faces"/anger_1.png clips/b/$i.png
done
echo nothing >clips/b/15.png
printf 'a 1 0\nb 20 3\n' >clips/list.txt
run evaluate --data list=clips/list.txt --prompts type1 "${fast[@]}" -o clip
expect_code 1
expect_err '*clips/b: *15.png*'
check results clip 'results[0]["n_failed"] == 0 and results[0]["failures"] == []
    and [c["path"] for c in results[0]["partial_clips"]] == ["clips/b"]'

# ---- a model that is not there ----
run evaluate few --prompts type1 -m nothing.pt -m demo,nothing.pt "${fast[@]}" \
    -o models
expect_code 3
expect_err '*nothing.pt*'
check results models '[r["model"] for r in results] == ["demo"]'
run evaluate few --prompts type1 --head nothing.pth,auto "${fast[@]}" -o models
expect_code 3
check results models '[r["head"] for r in results] == ["auto"]'

# ---- a reader that goes away does not end the work ----
"$program" evaluate faces few "${fast[@]}" -o piped 2>.err | head -n 1 >.out
code=${PIPESTATUS[0]}
[[ $code == 0 || $code == 4 ]] || fail "exit code $code"
check results piped 'len(results) == 10'
