# SPDX-License-Identifier: MIT
"""Images of every format, and the same with damage, against Pillow.

What Pillow refuses is refused, and what both accept is equal: JPEG in every
pixel, other formats within one level. Pillow is strict here: warnings are
errors, and all is loaded. EXPCLIP_MUTATED=20000 tries more.
"""

import itertools
import os
import random
import struct
import subprocess
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from test_jpeg_pixels import compiled_dump

COUNT = int(os.environ.get("EXPCLIP_MUTATED", "4000"))
FORMATS = ["JPEG", "PNG", "BMP", "GIF", "WEBP"]


@pytest.fixture(scope="session")
def dump(tmp_path_factory):
    """Decode files: for each its pixels, or the code of its error."""
    program = compiled_dump(tmp_path_factory.mktemp("dump"))

    def read(files, *options):
        done = subprocess.run([program, "--pixels", *options],
                              input="".join(f"{f}\n" for f in files).encode(),
                              capture_output=True, check=True)
        assert done.stderr == b""
        out, at, results = done.stdout, 0, []
        for _ in files:
            end = out.index(b"\n", at)
            line = out[at:end].decode()
            at = end + 1
            if not line.startswith("OK"):
                results.append(line)
                continue
            width, height = map(int, line.split()[1:3])
            n = width * height * 3
            results.append(np.frombuffer(out[at:at + n], "u1").reshape(
                height, width, 3))
            at += n
        assert at == len(out)
        return results

    return read


def pillow(file, upright=False):
    """The pixels, or what it says when it refuses."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            # These say that convert() drops what is transparent, and that
            # Pillow leaves a file open that it refused.
            warnings.filterwarnings("ignore", "Palette images with Transp")
            warnings.simplefilter("ignore", ResourceWarning)
            with Image.open(file, formats=FORMATS) as image:
                image.load()
                if upright:
                    image = ImageOps.exif_transpose(image)
                if image.mode.startswith("I;16"):
                    # convert("RGB") would cut off at 255; we keep the high
                    # byte, as it does for other modes of 16 bits.
                    high = (np.asarray(image) >> 8).astype("u1")
                    return np.stack([high] * 3, -1)
                return np.asarray(image.convert("RGB"))
    except Exception as error:  # whatever it is, it is a refusal
        return f"{type(error).__name__}: {error}"


def chunk(name, data):
    return (struct.pack(">I", len(data)) + name + data +
            struct.pack(">I", zlib.crc32(name + data)))


def png(width, height, depth, colour, interlaced, rng, more=b""):
    """Random samples and filters, of kinds that Pillow does not write."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4),
              (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    rows = []
    for x, y, across, down in passes if interlaced else [(0, 0, 1, 1)]:
        w = len(range(x, width, across))
        n = (w * channels * depth + 7) // 8
        for _ in range(y, height, down) if w else []:
            rows.append(bytes([rng.randrange(5)]) + rng.randbytes(n))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0,
                         interlaced)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + more +
            chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b""))


def bmp(width, height, bits, header, rng, top_down=False, masks=(), rle=None,
        colours=0, offset=None):
    stride = (width * bits + 31) // 32 * 4
    data = rle or rng.randbytes(stride * height)
    n = colours or (1 << bits if bits <= 8 else 0)
    if header == 12:
        head = struct.pack("<IHHHH", 12, width, height, 1, bits)
        palette = rng.randbytes(3 * n)
    else:
        kind = 3 if masks else 0 if not rle else 1 if bits == 8 else 2
        head = struct.pack("<IiiHHIIiiII", header, width,
                           -height if top_down else height, 1, bits, kind,
                           len(data), 0, 0, colours, 0)
        head += b"".join(struct.pack("<I", m) for m in masks)
        head = head.ljust(header, b"\0")
        palette = rng.randbytes(4 * n)
    at = 14 + len(head) + len(palette) if offset is None else offset
    return (b"BM" + struct.pack("<IHHI", 14 + len(head) + len(palette) +
                                len(data), 0, 0, at) + head + palette + data)


def run_lengths(width, height, bits, rng):
    """Runs, copies, ends of rows, and the end, in legal order."""
    out = b""
    for _ in range(height):
        left = width
        while left:
            n = rng.randrange(1, min(left, 200) + 1)
            if n >= 3 and rng.random() < 0.4:
                size = n if bits == 8 else (n + 1) // 2
                out += bytes([0, n]) + rng.randbytes(size) + bytes(size % 2)
            else:
                out += bytes([n, rng.randrange(256)])
            left -= n
        out += b"\0\0"
    return out + b"\0\1"


def draw_image(rng, mode="RGB"):
    width, height = rng.randrange(1, 40), rng.randrange(1, 40)
    n = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}[mode]
    noise = np.frombuffer(rng.randbytes(width * height * n), "u1")
    y, x = np.mgrid[0:height, 0:width]
    smooth = ((x * 5 + y * 3) % 256)[..., None]
    pixels = (smooth + noise.reshape(height, width, n) // 8).astype("u1")
    return Image.fromarray(pixels[..., 0] if n == 1 else pixels)


def whole_files(folder):
    """One file of each kind, by name."""
    rng = random.Random(5)
    files = {}

    def add(name, data):
        files[name] = folder / name
        if isinstance(data, bytes):
            files[name].write_bytes(data)

    for depth, colour, interlaced in itertools.product(
            (1, 2, 4, 8, 16), (0, 2, 3, 4, 6), (0, 1)):
        if (depth < 8 and colour not in (0, 3)) or (depth, colour) == (16, 3):
            continue
        n = min(1 << depth, 256)
        palette = chunk(b"PLTE", rng.randbytes(3 * n)) if colour == 3 else b""
        alpha = {0: b"\0\1", 2: b"\0\1\0\2\0\3", 3: rng.randbytes(n)}
        clear = chunk(b"tRNS", alpha[colour]) if colour in alpha else b""
        size = rng.randrange(1, 30), rng.randrange(1, 30)
        for i, more in enumerate((palette, palette + clear)):
            add(f"{depth}-{colour}-{interlaced}-{i}.png",
                png(*size, depth, colour, interlaced, rng, more))
    add("short.png", png(20, 9, 8, 3, 0, rng, chunk(b"PLTE", bytes(range(90)))))
    behind = png(9, 9, 8, 2, 0, rng)
    add("behind.png", behind + b"behind")
    add("no_end.png", behind[:-12])
    add("no_end_mark.png", behind[:-4])
    add("checksum_behind.png", behind[:-12] + chunk(b"tEXt", b"a\0b")[:-1] +
        b"\0" + behind[-12:])
    for bits, header in itertools.product((1, 4, 8, 16, 24, 32),
                                          (12, 40, 52, 56, 64, 108, 124)):
        for top_down in (False, True):
            add(f"{bits}-{header}-{top_down}.bmp",
                bmp(rng.randrange(1, 30), rng.randrange(1, 30), bits, header,
                    rng, top_down))
    fields = {16: [(0xf800, 0x7e0, 0x1f), (0x7c00, 0x3e0, 0x1f)],
              24: [(0xff0000, 0xff00, 0xff)],
              32: [(0xff0000, 0xff00, 0xff), (0xff000000, 0xff0000, 0xff00),
                   (0xff000000, 0xff00, 0xff), (0xff, 0xff00, 0xff0000)]}
    for bits, masks in ((b, m) for b in fields for m in fields[b]):
        for header in (40, 52, 56, 108):
            add(f"fields-{bits}-{masks[0]}-{header}.bmp",
                bmp(13, 7, bits, header, rng, masks=(*masks, 0xff000000)[
                    :4 if header > 52 else 3]))
    for bits, top_down in itertools.product((4, 8), (False, True)):
        for i in range(4):
            size = rng.randrange(1, 40), rng.randrange(1, 9)
            add(f"rle-{bits}-{top_down}-{i}.bmp",
                bmp(*size, bits, 40, rng, top_down,
                    rle=run_lengths(*size, bits, rng)))
    for i in range(40):
        mode = ("L", "RGB", "RGBA", "LA")[i % 4]
        colours = draw_image(rng, mode)
        add(f"{i}.gif", None)
        colours.save(files[f"{i}.gif"], interlace=i % 3)
        add(f"{i}.webp", None)
        colours.convert("RGBA" if "A" in mode else "RGB").save(
            files[f"{i}.webp"], lossless=i % 3 == 0, quality=i * 2,
            exact=i % 2 == 0)
        add(f"{i}.jpg", None)
        draw_image(rng, ("L", "RGB")[i % 2]).save(
            files[f"{i}.jpg"], quality=30 + i, progressive=i % 3 == 0,
            restart_marker_blocks=i % 4)
    frames = [draw_image(rng).resize((21, 17)) for _ in range(3)]
    for name in ("frames.gif", "frames.webp", "frames.png"):
        add(name, None)
        frames[0].save(files[name], save_all=True, append_images=frames[1:])
    return files


def apart(ours, theirs):
    """How many levels; a number beyond all when only one is an image."""
    if isinstance(ours, str) or isinstance(theirs, str):
        return 999 * (isinstance(ours, str) != isinstance(theirs, str))
    if ours.shape != theirs.shape:
        return 998
    return int(np.abs(ours.astype(int) - theirs.astype(int)).max())


def has_webp(dump, tmp_path):
    Image.new("RGB", (1, 1)).save(tmp_path / "one.webp")
    return not isinstance(dump([tmp_path / "one.webp"])[0], str)


def test_whole_files_are_what_pillow_makes_of_them(dump, tmp_path):
    files = whole_files(tmp_path)
    names = [n for n in files
             if has_webp(dump, tmp_path) or not n.endswith(".webp")]
    wrong = []
    for name, ours in zip(names, dump([files[n] for n in names])):
        theirs = pillow(files[name])
        far = apart(ours, theirs)
        if far > (0 if name.endswith(".jpg") else 1):
            wrong.append((name, far, *(v if isinstance(v, str) else v.shape
                                       for v in (ours, theirs))))
    print(f"{len(names)} files")
    assert not wrong, (len(wrong), wrong[:20])


def mutated(data, rng):
    """Bits turned, bytes set, left out, put in; cut. Of every second PNG the
    checksums are made right again."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        at, kind = rng.randrange(len(data)), rng.randrange(6)
        if rng.random() < 0.4:
            at = min(at, rng.randrange(1, 64))
        at = min(at, len(data) - 1)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.choice([0, 1, 2, 127, 128, 255, rng.randrange(256)])
        elif kind == 2 and rng.random() < 0.5:
            del data[max(at, 4):]
        elif kind == 3 and len(data) > 40:
            del data[at:at + rng.randrange(1, 12)]
        elif kind == 4:
            data[at:at] = rng.randbytes(rng.randrange(1, 9))
        else:
            data[at] = rng.randrange(256)
    data = bytes(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n") and rng.random() < 0.5:
        data = mend(data)
    return data


def mend(data):
    out, at = data[:8], 8
    while at + 12 <= len(data):
        n = struct.unpack(">I", data[at:at + 4])[0]
        if at + 12 + n > len(data):
            break
        out += chunk(data[at + 4:at + 8], data[at + 8:at + 8 + n])
        at += 12 + n
    return out + data[at:]


def is_exception(name, data, ours, theirs):
    """Where the two are meant to differ.

    - A progressive JPEG whose scans stop early is smoothed by another rule in
      each release of libjpeg-turbo.
    - A BMP of 4 bits whose palette is a ramp of greys: Pillow takes it for one
      of 8 bits.
    - A PNG's text, colour profile or frames of an animation: they say nothing
      of the pixels.
    - Files larger than Pillow's limit against bombs, which is another.
    """
    if name.endswith(".jpg") and b"\xff\xc2" in data:
        return not isinstance(ours, str) and not isinstance(theirs, str)
    if name.endswith(".png") and isinstance(theirs, str):
        return any(c in data for c in (b"acTL", b"iCCP", b"zTXt", b"iTXt"))
    return isinstance(theirs, str) and "Bomb" in theirs


def test_what_pillow_refuses_is_refused(dump, tmp_path):
    rng = random.Random(11)
    whole = whole_files(tmp_path)
    names = [n for n in whole
             if has_webp(dump, tmp_path) or not n.endswith(".webp")]
    by_end = {}
    for name in names:
        by_end.setdefault(name.rsplit(".", 1)[1], []).append(name)
    figures, wrong = {}, []
    for first in range(0, COUNT, 500):
        files = []
        for i in range(first, min(first + 500, COUNT)):
            end = sorted(by_end)[i % len(by_end)]
            source = whole[rng.choice(by_end[end])]
            files.append(tmp_path / f"m{i}.{end}")
            files[-1].write_bytes(mutated(source.read_bytes(), rng))
        for file, ours in zip(files, dump(files)):
            theirs = pillow(file)
            row = figures.setdefault(file.suffix, [0, 0, 0, 0])
            row[0] += 1
            row[1] += not isinstance(theirs, str)
            row[2] += not isinstance(ours, str)
            far = apart(ours, theirs)
            if isinstance(ours, str):
                far = 0
            if far > (0 if file.suffix == ".jpg" else 1):
                if is_exception(file.name, file.read_bytes(), ours, theirs):
                    row[3] += 1
                else:
                    wrong.append((file.name, far,
                                  *(v if isinstance(v, str) else v.shape
                                    for v in (ours, theirs))))
    for end, (n, theirs, ours, excepted) in sorted(figures.items()):
        print(f"{end}: {n} damaged files, Pillow accepts {theirs}, libexpclip "
              f"{ours}, {excepted} of them by an exception")
    assert not wrong, (len(wrong), wrong[:20])


@pytest.mark.parametrize("end", ["jpg", "png", "webp"])
def test_all_orientations_are_those_of_exif_transpose(dump, tmp_path, end):
    if end == "webp" and not has_webp(dump, tmp_path):
        pytest.skip("a build without libwebp")
    files = []
    for big, kind, value in itertools.product((0, 1), (3, 4, 9), range(10)):
        order = ">" if big else "<"
        size = "H" if kind == 3 else "I"
        tiff = (b"MM\0*" if big else b"II*\0") + struct.pack(
            order + "IHHHI" + size, 8, 1, 274, kind, 1, value)
        tiff = tiff.ljust(22, b"\0") + bytes(4)
        files.append(tmp_path / f"{big}{kind}{value}.{end}")
        exif = tiff if end != "jpg" and value % 2 else b"Exif\0\0" + tiff
        draw_image(random.Random(1)).resize((24, 16)).save(files[-1], exif=exif)
    for value in range(1, 9):
        xmp = f'<x tiff:Orientation="{value}"/>'.encode()
        files.append(tmp_path / f"xmp{value}.{end}")
        image = draw_image(random.Random(1)).resize((24, 16))
        if end == "png":
            from PIL import PngImagePlugin
            text = PngImagePlugin.PngInfo()
            text.add_itxt("XML:com.adobe.xmp", xmp.decode())
            image.save(files[-1], pnginfo=text)
        else:
            image.save(files[-1], xmp=xmp)
    for file, ours in zip(files, dump(files, "--exif")):
        theirs = pillow(file, upright=True)
        assert not isinstance(theirs, str), (file.name, theirs)
        assert apart(ours, theirs) <= (end != "jpg"), file.name
