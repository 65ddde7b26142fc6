# SPDX-License-Identifier: MIT
"""Write the weights of YuNet as safetensors.

    python3 yunet_weights.py yunet.onnx yunet.safetensors     as the build does

The file is face_detection_yunet_2023mar.onnx of the OpenCV Zoo (MIT, Copyright
(c) 2020 Shiqi Yu), which the build has compared with yunet.sha256. Of ONNX,
that is protobuf, only what holds the weights is read: graph.node (op_type and
inputs) and graph.initializer (name, dims, raw_data).
"""

import json
import struct
import sys

VARINT, LENGTH = 0, 2  # wire types
MODEL_GRAPH = 7
GRAPH_NODE, GRAPH_INITIALIZER = 1, 5
NODE_INPUT, NODE_OP_TYPE = 1, 4
TENSOR_DIMS, TENSOR_NAME, TENSOR_RAW_DATA = 1, 8, 9


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def fields(data):
    """(number, value) of each field of a message."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == VARINT:
            value, at = varint(data, at)
        else:
            size = 8 if key & 7 == 1 else 4
            if key & 7 == LENGTH:
                size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        yield key >> 3, value


def convolutions(model):
    """(dims, bytes) of weight and bias of each convolution, in order."""
    graph = next(v for n, v in fields(model) if n == MODEL_GRAPH)
    tensors, inputs = {}, []
    for number, value in fields(graph):
        if number == GRAPH_INITIALIZER:
            parts = list(fields(value))
            name = next(v for n, v in parts if n == TENSOR_NAME)
            tensors[name] = ([v for n, v in parts if n == TENSOR_DIMS],
                             b"".join(v for n, v in parts
                                      if n == TENSOR_RAW_DATA))
        elif number == GRAPH_NODE:
            parts = list(fields(value))
            if (NODE_OP_TYPE, b"Conv") in parts:
                inputs.append([v for n, v in parts if n == NODE_INPUT])
    return [(tensors[weight], tensors[bias]) for _, weight, bias in inputs]


def names():
    """What each convolution is, in the order of the file; see yunet.c."""
    yield "stem"
    units = ["stage0", *(f"stage{i}.{j}" for i in range(1, 6) for j in (0, 1)),
             "neck.32", "neck.16", "neck.8"]
    units += [f"{head}.{stride}" for head in ("cls", "bbox", "obj", "kps")
              for stride in (8, 16, 32)]
    for unit in units:
        yield from (f"{unit}.point", f"{unit}.depth")


def main(source, target):
    with open(source, "rb") as file:
        found = convolutions(file.read())
    header = {"__metadata__": {
        "source": "OpenCV Zoo, face_detection_yunet_2023mar.onnx",
        "license": "MIT, Copyright (c) 2020 Shiqi Yu"}}
    body = b""
    for name, parts in zip(names(), found, strict=True):
        for part, (dims, data) in zip(("weight", "bias"), parts):
            header[f"{name}.{part}"] = {
                "dtype": "F32", "shape": dims,
                "data_offsets": [len(body), len(body) + len(data)]}
            body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(target, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)


if __name__ == "__main__":
    main(*sys.argv[1:])
