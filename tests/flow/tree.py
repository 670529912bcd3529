#!/usr/bin/env python3
"""tree.py ROOT ORIGINALS [--manifest FILE] [--names]

Checks what a spool holds after the originals of a folder were dropped into it. Every
original is looked for by its SHA-256; every result is decoded by a decoder that is not
ours (djpeg; for PNG zlib, and pngcheck where it is installed) and its size compared with
what the header of the original says. Nothing here knows how darkroom works inside.

What is expected of an original: column "expected" of the manifest (ok, reject, lenient),
by SHA-256; without a manifest, what lies below bad/ has to be rejected. What does not begin
like a JPEG or PNG has to stay in the inbox.

--names: done/ has to hold every original under the very name it had.
Prints "not ok - ..." for each failure, "counts PASSED FAILED" at the end.
"""
import collections
import csv
import hashlib
import os
import struct
import subprocess
import sys
import zlib

RENDITIONS = {"web": 2048, "thumb": 320}
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


class Counts:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def ok(self, is_good, what):
        if is_good:
            self.passed += 1
        else:
            self.failed += 1
            print("not ok - " + what)
        return is_good


def read(path):
    with open(path, "rb") as file:
        return file.read()


def files_below(top):
    """Relative paths of the regular files below TOP."""
    found = []
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                found.append(os.path.relpath(path, top))
    return sorted(found)


def kind_of(data):
    if data[:2] == b"\xff\xd8":
        return "jpeg"
    if data[:8] == PNG_MAGIC:
        return "png"
    return None


def tiff_orientation(tiff):
    """Orientation of IFD0, 1 when there is none that makes sense."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return 1
    offset = struct.unpack(order + "I", tiff[4:8])[0]
    if offset + 2 > len(tiff):
        return 1
    for i in range(struct.unpack(order + "H", tiff[offset:offset + 2])[0]):
        entry = tiff[offset + 2 + 12 * i:offset + 14 + 12 * i]
        if len(entry) < 12:
            break
        tag, form = struct.unpack(order + "HH", entry[:4])
        if tag == 0x112 and form == 3:
            value = struct.unpack(order + "H", entry[8:10])[0]
            return value if 1 <= value <= 8 else 1
    return 1


def jpeg_header(data):
    """Width, height, orientation as the header says."""
    width = height = 0
    orientation = 1
    i = 2
    while i + 4 <= len(data):
        if data[i] != 0xff or data[i + 1] in (0x00, 0xff):
            i += 1
            continue
        marker = data[i + 1]
        if marker == 0x01 or 0xd0 <= marker <= 0xd9:
            i += 2
            continue
        length = struct.unpack(">H", data[i + 2:i + 4])[0]
        body = data[i + 4:i + 2 + length]
        if marker == 0xe1 and body[:6] == b"Exif\0\0" and orientation == 1:
            orientation = tiff_orientation(body[6:])
        if 0xc0 <= marker <= 0xcf and marker not in (0xc4, 0xc8, 0xcc) and width == 0:
            height, width = struct.unpack(">HH", body[1:5])
        if marker == 0xda:
            break
        i += 2 + length
    return width, height, orientation


def png_chunks(data):
    i = 8
    while i + 12 <= len(data):
        length = struct.unpack(">I", data[i:i + 4])[0]
        body = data[i + 8:i + 8 + length]
        crc = data[i + 8 + length:i + 12 + length]
        yield data[i + 4:i + 8], body, crc == struct.pack(">I", zlib.crc32(data[i + 4:i + 8 + length]))
        i += 12 + length


def png_header(data):
    width, height = struct.unpack(">II", data[16:24])
    orientation = 1
    for name, body, _ in png_chunks(data):
        if name == b"eXIf":
            orientation = tiff_orientation(body)
    return width, height, orientation


def fitted(width, height, box):
    """Inside a box of BOX x BOX, never enlarged."""
    scale = min(1, box / width, box / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def expected_sizes(data, box):
    """Each size that a rendition may have; a PNG's eXIf chunk may count or not."""
    is_jpeg = kind_of(data) == "jpeg"
    width, height, orientation = jpeg_header(data) if is_jpeg else png_header(data)
    sizes = [(height, width)] if orientation >= 5 else [(width, height)]
    if not is_jpeg:
        sizes.append((width, height))
    return [fitted(w, h, box) for w, h in sizes]


def decode_jpeg(path):
    """Width, height and grey pixels, or a sentence on what is wrong."""
    run = subprocess.run(["djpeg", "-grayscale", "-pnm", path], capture_output=True)
    if run.returncode != 0 or run.stderr:
        return None, "djpeg says: " + run.stderr.decode(errors="replace").strip()
    magic, size, _, pixels = run.stdout.split(b"\n", 3)
    if magic != b"P5":
        return None, "djpeg gave no PGM"
    width, height = map(int, size.split())
    return (width, height, pixels), None


PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def decode_png(path):
    data = read(path)
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", data[16:29])
    raw = zlib.decompressobj()
    n_bytes = 0
    for name, body, is_sound in png_chunks(data):
        if not is_sound:
            return None, "wrong checksum of chunk %r" % name
        if name == b"IDAT":
            n_bytes += len(raw.decompress(body))
    row = (width * PNG_CHANNELS[colour] * depth + 7) // 8 + 1
    if interlace == 0 and n_bytes != row * height:
        return None, "%d bytes of pixels instead of %d" % (n_bytes, row * height)
    if not raw.eof or not data.endswith(b"IEND\xaeB`\x82"):
        return None, "no end"
    try:
        run = subprocess.run(["pngcheck", "-q", path], capture_output=True)
        if run.returncode != 0:
            return None, "pngcheck says: " + run.stdout.decode(errors="replace").strip()
    except FileNotFoundError:
        pass
    return (width, height, None), None


SUFFIXES = {"jpeg": (".jpg", ".jpeg"), "png": (".png",)}


def find_result(root, rendition, rel, kind):
    """The results made of done/REL: same folder, same stem, a suffix of its kind."""
    folder, name = os.path.split(rel)
    stem = os.path.splitext(name)[0]
    out = os.path.join(root, "out", rendition, folder)
    try:
        names = os.listdir(out)
    except FileNotFoundError:
        return []
    return [os.path.join(out, n) for n in names
            if os.path.splitext(n)[0] == stem and os.path.splitext(n)[1].lower() in SUFFIXES[kind]]


def check_result(counts, root, rel, rendition, data):
    """One rendition of one original: there, of its kind, whole, of the right size."""
    label = "out/%s of done/%s" % (rendition, rel)
    results = find_result(root, rendition, rel, kind_of(data))
    if not counts.ok(len(results) == 1, "%s: one file, found %d" % (label, len(results))):
        return None
    path = results[0]
    kind = kind_of(read(path))
    if not counts.ok(kind == kind_of(data), "%s: is %s, the original is %s" % (label, kind, kind_of(data))):
        return None
    picture, wrong = decode_jpeg(path) if kind == "jpeg" else decode_png(path)
    if not counts.ok(picture is not None, "%s: decodes: %s" % (label, wrong)):
        return None
    sizes = expected_sizes(data, RENDITIONS[rendition])
    counts.ok(any(abs(picture[0] - w) <= 1 and abs(picture[1] - h) <= 1 for w, h in sizes),
              "%s: is %dx%d instead of %dx%d" % (label, picture[0], picture[1], *sizes[0]))
    counts.ok(int(os.stat(path).st_mtime) == int(os.stat(os.path.join(root, "done", rel)).st_mtime),
              "%s: has the time of the original" % label)
    return picture


def expectation(rel, data, digest, manifest):
    kind = kind_of(data)
    if digest in manifest:
        wanted = manifest[digest]
        if wanted == "not-an-image":
            return "stay"
        if kind is None:
            return "reject-or-stay"
        return wanted
    if kind is None:
        return "stay"
    return "reject" if rel.startswith("bad/") or "/bad/" in rel else "ok"


PLACES = {
    "ok": ("done",),
    "reject": ("failed",),
    "lenient": ("done", "failed"),
    "stay": ("inbox",),
    "reject-or-stay": ("failed", "inbox"),
}


def load_manifest(path):
    with open(path, newline="") as file:
        return {row["sha256"]: row["expected"] for row in csv.DictReader(file, delimiter="\t")}


def digest_of(data):
    return hashlib.sha256(data).hexdigest()


def is_ours(rel):
    return rel.endswith((".progress", ".error.txt"))


def check_places(counts, root, originals, manifest, must_keep_names):
    """Each original once, in the folder where it belongs."""
    found = collections.defaultdict(list)
    for place in ("inbox", "processing", "done", "failed"):
        for rel in files_below(os.path.join(root, place)):
            if not is_ours(rel):
                found[digest_of(read(os.path.join(root, place, rel)))].append((place, rel))
    n_copies = collections.Counter()
    for rel in files_below(originals):
        data = read(os.path.join(originals, rel))
        digest = digest_of(data)
        n_copies[digest] += 1
        wanted = expectation(rel, data, digest, manifest)
        places = sorted(place for place, _ in found[digest])
        counts.ok(bool(places) and all(p in PLACES[wanted] for p in places),
                  "%s: expected %s, lies in %s" % (rel, wanted, places or "no folder"))
        if must_keep_names:
            counts.ok(("done", rel) in found[digest], "%s: done/ has it under its own name" % rel)
    for digest, n in n_copies.items():
        counts.ok(len(found[digest]) == n, "%d originals of one content are %s" % (n, found[digest]))


def check_done(counts, root):
    """Both results of every original in done/; nothing else in out/."""
    pictures = {}
    done = [rel for rel in files_below(os.path.join(root, "done")) if not is_ours(rel)]
    for rel in done:
        data = read(os.path.join(root, "done", rel))
        if not counts.ok(kind_of(data) is not None, "done/%s is a JPEG or PNG" % rel):
            continue
        for rendition in RENDITIONS:
            picture = check_result(counts, root, rel, rendition, data)
            if rendition == "thumb":
                pictures[rel] = picture
    for rendition in RENDITIONS:
        n = len(files_below(os.path.join(root, "out", rendition)))
        counts.ok(n == len(done), "out/%s holds %d files for %d in done/" % (rendition, n, len(done)))
    return pictures


def check_failed(counts, root):
    for rel in files_below(os.path.join(root, "failed")):
        if is_ours(rel):
            continue
        path = os.path.join(root, "failed", rel + ".error.txt")
        text = read(path).decode() if os.path.exists(path) else ""
        counts.ok(len(text.split("\n")[0]) > 10, "failed/%s.error.txt says why: %r" % (rel, text[:80]))


def check_upright(counts, pictures):
    """The eight files of one letter F look alike once each is turned as its EXIF says."""
    ones = [rel for rel in pictures if rel.endswith("orientation/F1.jpg")]
    for one in ones:
        reference = pictures[one]
        for i in range(2, 9):
            other = pictures.get(one.replace("F1.jpg", "F%d.jpg" % i))
            if not counts.ok(reference and other and reference[:2] == other[:2], "F%d has the size of F1" % i):
                continue
            difference = sum(abs(a - b) for a, b in zip(reference[2], other[2])) / len(reference[2])
            counts.ok(difference < 8, "F%d is as upright as F1 (mean difference %.1f of 255)" % (i, difference))


def main():
    options = sys.argv[3:]
    root, originals = sys.argv[1:3]
    manifest = load_manifest(options[options.index("--manifest") + 1]) if "--manifest" in options else {}
    counts = Counts()
    check_places(counts, root, originals, manifest, "--names" in options)
    pictures = check_done(counts, root)
    check_failed(counts, root)
    check_upright(counts, pictures)
    for place in ("processing", ".darkroom/jobs"):
        left = files_below(os.path.join(root, place))
        counts.ok(not left, "%s/ is empty, holds %s" % (place, left[:5]))
    print("counts %d %d" % (counts.passed, counts.failed))


if __name__ == "__main__":
    main()
