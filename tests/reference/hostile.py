# SPDX-License-Identifier: MIT
"""Inputs of at most 1 MB that ask for much: table name -> bytes or a folder.

Each asks one reader for work or memory out of proportion to its size. Some
are whole and may be taken, the others are refused; both must stay cheap.
"""

import io
import itertools
import json
import pathlib
import struct
import subprocess
import tempfile
import zipfile
import zlib

from PIL import Image

MOST = 1 << 20
SIDE = 8192  # 64 M pixels, the most by default


# ---- images ----

def chunk(kind, data=b""):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(
        ">I", zlib.crc32(body))


PASSES = [(8, 8, 0, 0), (8, 8, 4, 0), (4, 8, 0, 4), (4, 4, 2, 0),
          (2, 4, 0, 2), (2, 2, 1, 0), (1, 2, 0, 1)]


def png(width, height, depth, colour, interlaced=0, raw=None, extra=b""):
    """Of zeros."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]

    def size(w, h):
        return h * (1 + (w * channels * depth + 7) // 8) if w and h else 0

    n = size(width, height)
    if interlaced:
        n = sum(size((width - x + dx - 1) // dx, (height - y + dy - 1) // dy)
                for dx, dy, x, y in PASSES)
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth,
                                         colour, 0, 0, interlaced))
            + extra + chunk(b"IDAT", raw or deflated_zeros(n))
            + chunk(b"IEND"))


def repeated(byte, n):
    """n bytes deflated, of which each 1 MB is packed alike."""
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = pack.compress(byte * (1 << 20)) + pack.flush(zlib.Z_FULL_FLUSH)
    return (block * (n >> 20) + pack.compress(byte * (n % (1 << 20)))
            + pack.flush())


def deflated_zeros(n):
    return b"\x78\xda" + repeated(b"\0", n) + struct.pack(
        ">HH", n % 65521, 1)


def segment(marker, data):
    return bytes([0xff, marker]) + struct.pack(">H", len(data) + 2) + data


def progressive(side, scans):
    """Refinements that walk all blocks in a few bytes: runs of no band."""
    left, bits = ((side + 7) // 8) ** 2, ""
    while left > 0:
        run = max(min(left, 32767), 16384)
        bits += "0" + format(run - 16384, "014b")
        left -= run
    bits += "1" * (-len(bits) % 8)
    data = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
    head = (b"\xff\xd8" + segment(0xdb, b"\0" + b"\1" * 64)
            + segment(0xc2, struct.pack(">BHHB", 8, side, side, 1)
                      + b"\1\x11\0")
            + segment(0xc4, b"\x10\1" + bytes(15) + b"\xe0"))
    scan = (segment(0xda, b"\1\1\0\1\x3f\x10")
            + data.replace(b"\xff", b"\xff\0"))
    filler = segment(0xfe, bytes(60000)) * 16  # bytes in proportion to pixels
    body = head + scan * scans
    return body + filler[:max(0, MOST - len(body) - 64)][:60004 * 15] + \
        b"\xff\xd9"


def saved(kind, size, mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


def small_jpeg(between):
    """A whole JPEG with segments before what it begins with."""
    jpeg = saved("JPEG", (16, 16))
    return jpeg[:2] + between + jpeg[2:]


def exif(entries, follow=8, count=1):
    """A directory that leads to itself, of entries that lead nowhere."""
    entry = struct.pack("<HHII", 0x8769, 4, count, 8)
    tiff = (b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", entries)
            + entry * entries + struct.pack("<I", follow))
    return segment(0xe1, b"Exif\0\0" + tiff[:65000])


def bmp(width, height, bits, compression, data):
    colours = 2 ** bits if bits < 16 else 0
    start = 54 + 4 * colours
    return (b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start)
            + struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits,
                          compression, len(data), 0, 0, colours, 0)
            + bytes(4 * colours) + data)


def gif(canvas, frames):
    return (b"GIF89a" + struct.pack("<HHBBB", *canvas, 0x80, 0, 0) + bytes(6)
            + frames + b";")


def gif_frame(width, height):
    """One colour; codes grow as LZW's do, and the table is never cleared."""
    bits, n_bits, left, size, next_code, run = 4, 3, width * height, 3, 6, 1
    bits, left = 4 | 0 << 3, left - 1
    n_bits = 6
    while left > 0:
        run += 1
        code = next_code if next_code < 4096 else 4095
        bits |= code << n_bits
        n_bits += size
        left -= run if next_code < 4096 else (run := 4091)
        if next_code < 4096:
            next_code += 1
            if next_code == 1 << size and size < 12:
                size += 1
    bits |= 5 << n_bits
    data = bits.to_bytes((n_bits + size + 7) // 8, "little")
    blocks = b"".join(bytes([len(data[i:i + 255])]) + data[i:i + 255]
                      for i in range(0, len(data), 255))
    return (b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\2"
            + blocks + b"\0")


def filled(start, unit, end=b""):
    return start + unit * ((MOST - len(start) - len(end)) // len(unit)) + end


IMAGES = {
    "jpeg progressive bomb": lambda: progressive(5000, 2000),
    "jpeg progressive bomb, less scans": lambda: progressive(5000, 60),
    "jpeg of 64 Mpx": lambda: saved("JPEG", (SIDE, SIDE), "L", quality=5),
    "jpeg of 64 Mpx, progressive": lambda: saved(
        "JPEG", (SIDE, SIDE), quality=5, progressive=True),
    "jpeg of 250,000 comments": lambda: small_jpeg(
        segment(0xfe, b"") * 250000),
    "jpeg of 14,000 tables": lambda: small_jpeg(
        segment(0xdb, b"\0" + b"\1" * 64) * 14000),
    "jpeg of fill bytes": lambda: small_jpeg(b"\xff" * 1000000),
    "exif that leads to itself": lambda: small_jpeg(exif(1)),
    "exif of 5,000 such entries": lambda: small_jpeg(exif(5000) * 15),
    "exif of 2 ** 32 values": lambda: small_jpeg(exif(4000, count=2**32 - 1)),
    "png of 64 Mpx": lambda: png(SIDE, SIDE, 8, 2),
    "png of 64 Mpx, 16 bits": lambda: png(SIDE, SIDE, 16, 6),
    "png of 64 Mpx, 16 bits, interlaced": lambda: png(SIDE, SIDE, 16, 6, 1),
    "png of 64 Mpx, a bit each": lambda: png(SIDE, SIDE, 1, 0),
    "png of 64 x 1 M": lambda: png(64, 1 << 20, 8, 0),
    "png of 1 M x 64": lambda: png(1 << 20, 64, 8, 0),
    "png of 4 x 16 M": lambda: png(4, 1 << 24, 8, 0),
    "png of 224 x 64,000": lambda: png(224, 64000, 8, 2),
    "png of empty blocks": lambda: png(8, 8, 8, 2, raw=filled(
        b"\x78\1", b"\0\0\0\xff\xff")[:-100]),
    "png of 80,000 chunks": lambda: png(
        8, 8, 8, 2, extra=chunk(b"tEXt", b"") * 80000),
    "png of packed text": lambda: png(8, 8, 8, 2, extra=chunk(
        b"zTXt", b"a\0\0" + deflated_zeros(900 << 20))),
    "bmp of runs": lambda: bmp(SIDE, SIDE, 8, 1, b"\xff\0" * 263172 +
                               b"\0\1"),
    "bmp of nothing": lambda: bmp(SIDE, SIDE, 8, 1, b"\0\1"),
    "bmp of ends of lines": lambda: filled(
        bmp(SIDE, SIDE, 4, 2, b""), b"\0\0"),
    "bmp of steps": lambda: filled(bmp(SIDE, SIDE, 8, 1, b""), b"\0\2\0\0"),
    "gif of a huge canvas": lambda: gif((65535, 1000), gif_frame(1, 1)),
    "gif of 40,000 frames": lambda: gif((64, 64), gif_frame(1, 1) * 40000),
    "gif of 64 Mpx": lambda: gif((SIDE, SIDE), gif_frame(SIDE, SIDE)),
    "gif of extensions": lambda: filled(gif((8, 8), b"")[:-1],
                                        b"!\xfe\1a\0"),
    "webp of 64 Mpx": lambda: saved("WEBP", (SIDE, SIDE), lossless=True,
                                    quality=0, method=0),
    "tiff of zeros": lambda: filled(b"II*\0\10\0\0\0", b"\0"),
    "icon of zeros": lambda: filled(b"\0\0\1\0", b"\xff"),
}


# ---- weights ----

def safetensors(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(
        header, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text)) + text + data


def archive(pickle, compression=zipfile.ZIP_STORED, extra=()):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        file.writestr("archive/data.pkl", pickle)
        file.writestr("archive/version", "3\n")
        for name, data in extra:
            file.writestr(name, data)
    return out.getvalue()


def deflated_member(n):
    """An archive whose pickle is n bytes of MARK, packed."""
    data = bytearray(archive(repeated(b"(", n)))
    for start, at in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        place = data.index(start) + at
        data[place:place + 2] = struct.pack("<H", zipfile.ZIP_DEFLATED)
        struct.pack_into("<I", data, place + 14, n)
    return bytes(data)


def laughs(n):
    """A pair of pairs of pairs ..., 2 ** n of them, in 6 n bytes."""
    return b"\x80\2)q\0" + b"".join(
        b"h" + bytes([i]) + b"h" + bytes([i]) + b"\x86q" + bytes([i + 1])
        for i in range(n)) + b"."


def nested(n, opening=b"[", closing=b"]"):
    return opening * n + closing * n


TENSOR = {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}
WEIGHTS = {
    "pickle of pairs of pairs": lambda: archive(laughs(200)),
    "pickle of lists in lists": lambda: archive(
        b"\x80\2" + b"]" * 500000 + b"a" * 499999 + b"."),
    "pickle of marks": lambda: archive(b"\x80\2" + b"(" * 1000000),
    "pickle of far memos": lambda: archive(
        b"\x80\2)" + b"r\xff\xff\xff\x7f" * 200000 + b"."),
    "pickle of many memos": lambda: archive(
        b"\x80\4)" + b"\x94" * 1000000 + b"."),
    "pickle of a long integer": lambda: archive(
        b"\x80\2\x8b" + struct.pack("<i", 1000000) + b"\x7f" * 1000000
        + b"."),
    "pickle of decimal digits": lambda: archive(
        b"\x80\2L" + b"9" * 1000000 + b"L\n."),
    "pickle of a text of 4 GB": lambda: archive(
        b"\x80\4\x8d" + struct.pack("<Q", 1 << 32) + b"a."),
    "pickle of pairs set again": lambda: archive(
        b"\x80\2}" + b"(K\1K\2u" * 160000 + b"."),
    "zip of 1 GB of marks": lambda: deflated_member(900 << 20),
    "zip of 8,000 members": lambda: archive(
        b"\x80\2}.", extra=[(f"archive/data/{i}", b"")
                            for i in range(8000)]),
    "safetensors of 18,000 tensors": lambda: safetensors(
        {f"{i:x}": TENSOR for i in range(18000)}),
    "safetensors of 80,000 metadata": lambda: safetensors(
        {"__metadata__": {f"{i:x}": "" for i in range(80000)}}),
    "safetensors of one name": lambda: safetensors(
        b'{' + b'"a":{},' * 140000 + b'"a":{}}'),
    "safetensors of 500,000 sides": lambda: safetensors(
        {"a": {**TENSOR, "shape": [0] * 500000}}),
    "safetensors of deep arrays": lambda: safetensors(
        b'{"a":' + nested(500000) + b"}"),
    "safetensors of a huge header": lambda: struct.pack("<Q", 99 << 20)
    + b"{" + b" " * 1000000,
}


# ---- texts ----

INDEXES = {
    "index of 30,000 shards": lambda: json.dumps(
        {"weight_map": {f"t{i:x}": f"s{i:x}.safetensors"
                        for i in range(30000)}}).encode(),
    "index of deep arrays": lambda: b'{"weight_map":' + nested(500000) + b"}",
    "index of one shard": lambda: json.dumps(
        {"weight_map": {f"t{i:x}": "s.safetensors"
                        for i in range(35000)}}).encode(),
}
CONFIGS = {
    "config of deep arrays": lambda: b'{"a":' + nested(500000) + b"}",
    "config of deep objects": lambda: b'{"a":' * 170000 + b"1"
    + b"}" * 170000,
    "config of 90,000 keys": lambda: json.dumps(
        {f"{i:x}": 1 for i in range(90000)}).encode(),
    "config of one number": lambda: b'{"vision_config":' + b"9" * 1000000
    + b"}",
}
ARRAYS = {
    "npy of a header of 1 MB": lambda: b"\x93NUMPY\2\0" + struct.pack(
        "<I", 1000000) + b"{'descr': " + b" " * 999990,
    "npy of a header of 4 GB": lambda: b"\x93NUMPY\2\0\xff\xff\xff\xff{"
    + b" " * 1000,
    "npy of 2 ** 60 rows": lambda: npy("({}, 512)".format(1 << 60)),
    "npy of rows of nothing": lambda: npy("({}, 0)".format(1 << 60)),
    "npy of deep sides": lambda: npy("(" * 60000),
}


def npy(shape):
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head.encode()


LISTS = {
    "list of one line": lambda: b"a" * 1000000 + b" 16 1\n",
    "list of 100,000 lines": lambda: b"/x.jpg 1 1\n" * 95000,
    "list of one path": lambda: b"x 0 0\n" * 170000,
    "list of blank lines": lambda: b"\n" * 1000000,
    "list of no line's end": lambda: b" " * 1000000,
    "list of NULs": lambda: b"\0" * 1000000,
}
PATHS = {
    "paths of one line": lambda: b"a" * 1000000,
    "paths of 30,000 lines": lambda: b"/x.jpg\n" * 30000,
    "paths of blank lines": lambda: b"\n" * 1000000,
}
PROMPTS = {
    "prompts of one of 1 MB": lambda: json.dumps(
        {"a": ["word " * 200000], "b": ["x"]}).encode(),
    "prompts of 30,000 classes": lambda: json.dumps(
        {f"c{i}": ["x"] for i in range(30000)}).encode(),
    "prompts of one class": lambda: json.dumps({"a": ["x"] * 200000}).encode(),
    "prompts of deep arrays": lambda: b'{"a":' + nested(500000) + b"}",
    "prompts of one word": lambda: json.dumps(
        {"a": ["a" * 1000000], "b": ["x"]}).encode(),
    "prompts of marks": lambda: json.dumps(
        {"a": ["a" + "\u0301\u0316" * 80000], "b": ["x"]}).encode(),
}
#: a text of one class of characters, over and over
UNITS = {
    "letters": "a", "pairs": "ab", "marks": "\u0301\u0316",
    "marks of three classes": "\u0334\u0316\u0301", "ampersands": "&",
    "amp of amp": "amp;", "entities": "&lt;", "entity": "&#x1;",
    "quotes": "\u2018", "ligatures": "\ufb03",
    "Hangul": "\u1100\u1161\u11a8", "Jamo": "\u1100", "spaces": " ",
    "line ends": "\r\n", "digits": "1", "marks of text": "!",
    "apostrophes": "'s", "faces": "\U0001f600", "joiners": "\u200d",
    "mojibake": "\u00c3\u00a9", "words of control": "<|startoftext|>",
    "escapes": "\x1b[31m", "wide": "\uff21", "Thai": "\u0e01\u0e34\u0e4a",
    "Tibetan": "\u0f71\u0f72\u0f74", "dotted": "\u0130", "NULs": "\0",
}
START = {"amp of amp": "&", "marks": "a", "marks of three classes": "a"}
TEXTS = {
    f"text of {name}": lambda name=name, unit=unit: json.dumps(
        START.get(name, "") + unit * (1000000 // len(json.dumps(
            unit, ensure_ascii=False).encode()[1:-1])), ensure_ascii=False).encode() + b"\n"
    for name, unit in UNITS.items()}


# ---- videos ----

def video(size, rate, seconds, *codec):
    """By ffmpeg, None where there is none."""
    try:
        done = subprocess.run(
            ["ffmpeg", "-v", "error", "-f", "lavfi", "-i",
             f"color=black:s={size}:r={rate}:d={seconds}", *codec, "-f",
             "matroska", "-"], capture_output=True, stdin=subprocess.DEVNULL,
            check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout


def declared(box, n):
    """An MP4 whose box says that it has n bytes or entries."""
    head = struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"isom")
    body = struct.pack(">I4sII", 16, box, 0, n)
    for parent in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        body = struct.pack(">I4s", len(body) + 8, parent) + body
    return head + body


def replaced(data, box, body):
    """An MP4 whose first such box is of another body, as long as that."""
    at = data.index(box)
    return data[:at + 4] + body + data[at + 4 + len(body):]


def samples_of_no_bytes(box, n):
    """An MP4 of which a table has n samples, all of one size."""
    flags = ("+frag_keyframe+empty_moov+default_base_moof"
             if box == b"trun" else "+faststart")
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "x.mp4")
        if video("16x16", 10, 1, "-c:v", "mpeg4", "-movflags", flags, "-f",
                 "mp4", file) is None:
            return None
        data = file.read_bytes()
    if box == b"trun":
        return replaced(data, box, struct.pack(">II", 0, n))
    data = replaced(data, b"stsc", struct.pack(">IIIII", 0, 1, 1, n, 1))
    return replaced(data, box, struct.pack(">III", 0, 1, n))


VIDEOS = {
    "video of 64 Mpx": lambda: video(
        f"{SIDE}x{SIDE}", 1, 2, "-c:v", "mjpeg", "-q:v", "31"),
    "video of 64 Mpx, H.264": lambda: video(
        f"{SIDE}x{SIDE}", 1, 2, "-c:v", "libx264", "-preset", "ultrafast",
        "-pix_fmt", "yuv420p"),
    "video of 50,000 frames": lambda: video(
        "16x16", 1000, 50, "-c:v", "mpeg4", "-g", "50000"),
    **{f"mp4 of 2 ** 31 entries in {box.decode()}":
       lambda box=box: declared(box, 2**31 - 1)
       for box in (b"stsz", b"stts", b"stco", b"stss")},
    "mp4 of 2 ** 25 samples": lambda: samples_of_no_bytes(b"stsz", 1 << 25),
    "mp4 of a run of 2 ** 25 samples": lambda: samples_of_no_bytes(
        b"trun", 1 << 25),
    "mp4 of 2 ** 21 samples": lambda: samples_of_no_bytes(b"stsz", 1 << 21),
    "mp4 of a run of 2 ** 21 samples": lambda: samples_of_no_bytes(
        b"trun", 1 << 21),
    "mp4 of a box of 2 ** 64 bytes": lambda: b"\0\0\0\x14ftypisom\0\0\0\0isom"
    + struct.pack(">I4sQ", 1, b"moov", 2**64 - 1) + bytes(1000),
    "mp4 of boxes in boxes": lambda: b"\0\0\0\x14ftypisom\0\0\0\0isom"
    + b"".join(struct.pack(">I4s", 8 * n, b"moov")
               for n in range(100000, 0, -1)),
}

#: what is read, its table
KINDS = dict(image=IMAGES, weights=WEIGHTS, index=INDEXES, config=CONFIGS,
             array=ARRAYS, list=LISTS, paths=PATHS, prompts=PROMPTS,
             text=TEXTS, video=VIDEOS, film=VIDEOS)
ALL = list(itertools.chain.from_iterable(
    ((kind, name) for name in table) for kind, table in KINDS.items()))
