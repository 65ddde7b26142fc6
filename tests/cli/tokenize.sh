#!/bin/bash
# SPDX-License-Identifier: MIT
# Token ids; the expected ones are OpenAI's tokenizer's.
. "$(dirname "$0")/expect.bash"

run tokenize 'a photo of a face' 'Hello,   WORLD!'
expect_code 0
expect_out '{"text":"a photo of a face","ids":\[49406,320,1125,539,320,1710,49407\],"truncated":false}
{"text":"Hello,   WORLD!","ids":\[49406,3306,267,1002,256,49407\],"truncated":false}'
expect_err ''

run tokenize --context 4 'a photo of a face'
expect_code 0
expect_out '{"text":"a photo of a face","ids":\[49406,320,1125,49407\],"truncated":true}'

run tokenize ''
expect_code 0
expect_out '{"text":"","ids":\[49406,49407\],"truncated":false}'

printf '"a\\u0020photo"\nnot json\n["a"]\n"a\\u0000b"\n' >lines
run tokenize --stdin <lines
expect_code 1
expect_err '*stdin:2: expected a JSON string*stdin:3: expected a JSON string*'
check json 'len(lines) == 2 and lines[0]["ids"] == [49406, 320, 1125, 49407]'
check json 'lines[1]["text"] == "a\0b"'

run tokenize --stdin </dev/null
expect_code 0
expect_out ''

run tokenize
expect_code 2
run tokenize --stdin text
expect_code 2
run tokenize --vocabulary 5 text
expect_code 2

run tokenize -- --help
expect_code 0
expect_out '{"text":"--help",*'

# Bytes that are no UTF-8 come out as such text.
run tokenize $'a\xff'
expect_code 0
check json 'lines[0]["text"] == "a\ufffd"'
