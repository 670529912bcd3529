#!/usr/bin/env python3
"""odd_names.py drop ROOT     pictures under some hundred odd names into ROOT/inbox; each has a size that
                          no other has, so that its results are known by that alone
odd_names.py watch FOLDER     prints the hexadecimal name of every file that is renamed into FOLDER
odd_names.py reports ROOT     what is shown while they wait can be shown
odd_names.py check ROOT SEEN LOG   originals, results, sidecars (SEEN: what watch printed) and log

Names are bytes here. Nothing here knows how darkroom makes its names; only what Windows cannot read,
what is no text, and what two people would take for one name.
"""
import ctypes
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import zlib

import tree

NAME_MAX = 255
DEVICES = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | \
    {port + n for port in ("COM", "LPT") for n in "0123456789\u00b9\u00b2\u00b3"}
IN_MOVED_TO = 0x80


def repeated(start, piece, end):
    """The longest name of START, PIECE again and again, and END."""
    return start + piece * ((NAME_MAX - len(start) - len(end)) // len(piece)) + end


def lonely_names():
    """Names that nothing else in the spool is like: in done/ under the very same."""
    names = [b"in%02x" % i + bytes([i]) + b"side.jpg" for i in range(1, 256) if i != ord("/")]
    names += [bytes([i]) + b"first%02x.png" % i for i in b"-\n\t\r $&'\"()*;<=>?@[]^`{|}!%+,\\:#~\x1b\x7f\x80\xff"]
    names += [b"last%02x.jpg" % i + bytes([i]) for i in b" .-\n\t\\:*?\xff"]
    names += [device + end for device in (b"con", b"PRN", b"aUx", b"nul", b"com1", b"LPT9", b"COM\xc2\xb9", b"CONIN$")
              for end in (b".jpg", b" .tar.jpg", b"x.png")]
    names += [b"conout$", b"com7", b"Lpt0"]
    names += [repeated(b"%d-%d" % (i, j), piece, end)
              for i, piece in enumerate((b"x", "\u00e4".encode(), "\u20ac".encode(), "\U0001f4f7".encode(), b"\x80",
                                         b"\xfe", b". "))
              for j, end in enumerate((b"y", b".jpg", b".PNG", b".a-suffix-that-is-longer-than-any"))]
    names += [b"z." + b"s" * 253, b"-" * 255, b"con." + b"c" * 251]
    names += ["caf\u00e9.jpg".encode(), "cafe\u0301-nfd.jpg".encode(), "\u202egpj.exe".encode(), "zero\u200bwidth.png".encode(),
              "line\u2028.jpg".encode(), "c1\u0085.jpg".encode(), b"\xc0\xafoverlong.jpg", b"\xed\xa0\x80surrogate.jpg",
              b"cut\xe2\x82.jpg", b"latin1-\xe9\xe8.JPG"]
    names += [b"$(reboot).jpg", b"`id`.jpg", b"; rm -rf *.jpg", b"%s%n%d.jpg", b"<script>alert(1)<!--.jpg", b"&lt;.png",
              b"\x1b[31mred\x1b[0m.jpg", b"--help", b"-rf.jpg", b"100%.jpg", b"%2e%2e%2fup.jpg", b"two  blanks.jpg",
              b"a\\..\\b.jpg", b"'; DROP TABLE x.png", b"new\nline\n.jpg", b"job", b"plan", b"0", b"progress.jpg",
              b"error.txt.jpg", b"done", b"status.json", b"stop it.jpg", b"it-2.jpg", b"{stem}.{ext}", b"no..dots...jpg"]
    names += [b"folder/" + b"con/aux/nul.jpg", b"trip. /end./a.jpg", b"-r/x.jpg", b"new\nline/\xff/x.jpg", b" /x.png",
              b"a:b/first.jpg", b"q?/x.jpg", b"/".join([b"d" * 200 + b"%d" % i for i in range(9)]) + b"/" + b"n" * 251 + b".jpg",
              "\u00e4".encode() * 127 + b"/" + "\u00f6".encode() * 127]
    return names


def crowded_names():
    """Names that get in each other's way: a number may come into them."""
    names = [b"one.jpg", b"one.png", b"ONE.JPG", b"One.Png", b"one.jpeg", b"one", b"oNe", b"one-2.jpg"]
    names += [b"l" * 254 + b"%d" % i for i in range(4)] + [b"m" * 250 + b"%d.jpg" % i for i in range(4)]
    names += [b"w:x.jpg", b"w?x.jpg", b"w_x.jpg", b"w\nx.jpg", b"a_b/first.jpg"]
    return names


BROKEN = [b"broken\n.png", b"broken\xff.png", b"broken" + b"B" * 249, "\u00df".encode() * 127, b"con.broken.png"]
NOTES = [b"note\n.txt", b"\x1b[2J.txt", b"<b>note</b".replace(b"/", b"|") + b".txt", b"note\xff.txt", "\u202etxt.txt".encode(),
         b"\"note\".txt"]


def png(width, height):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    rows = (b"\0" + bytes((x * 7 + y * 3) % 256 for x in range(width)) for y in range(height))
    return tree.PNG_MAGIC + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + \
        chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b"")


def jpeg(width, height):
    rows = bytes((x * 5 + y) % 256 for y in range(height) for x in range(width))
    return subprocess.run(["cjpeg", "-grayscale"], input=b"P5\n%d %d\n255\n" % (width, height) + rows,
                          capture_output=True, check=True).stdout


def pictures():
    """{name: (width, height)} of all that is to be developed."""
    names = lonely_names() + crowded_names()
    assert len(set(names)) == len(names)
    return {name: (32 + i % 256, 24 + i // 256) for i, name in enumerate(names)}


def put(root, name, data):
    target = os.path.join(os.fsencode(root), b"inbox", name)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    hidden = os.path.join(os.path.dirname(target), b".drop")
    with open(hidden, "wb") as file:
        file.write(data)
    os.rename(hidden, target)


def drop(root):
    sizes = pictures()
    for i, (name, size) in enumerate(sizes.items()):
        put(root, name, jpeg(*size) if i % 4 == 0 else png(*size))
    for name in BROKEN:
        put(root, name, png(20, 20)[:-30] + b"damaged" + name + b"\0\0\0\0IEND\xaeB`\x82")
    for name in NOTES:
        put(root, name, b"no picture: " + name)
    print(len(sizes) + len(BROKEN), len(NOTES))


def watch(folder):
    """Until it is killed."""
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.inotify_init()
    if fd < 0 or libc.inotify_add_watch(fd, os.fsencode(folder), IN_MOVED_TO) < 0:
        sys.exit("inotify: " + os.strerror(ctypes.get_errno()))
    print("ready", flush=True)
    while True:
        events = os.read(fd, 65536)
        while events:
            length = struct.unpack("iIII", events[:16])[3]
            print(events[16:16 + length].rstrip(b"\0").hex(), flush=True)
            events = events[16 + length:]


# ---- checks ---------------------------------------------------------------------------------

def is_text(data, allowed="\n"):
    """UTF-8, and nothing in it that moves a cursor or turns the writing round."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return not any((ord(c) < 32 and c not in allowed) or 0x7f <= ord(c) < 0xa0 or
                   0x2028 <= ord(c) <= 0x202e or 0x2066 <= ord(c) <= 0x2069 for c in text)


def read(*path):
    return tree.read(os.path.join(*(os.fsencode(part) for part in path)))


def reports(counts, root):
    for name in ("STATUS", "status.html", "status.json", "metrics.prom"):
        counts.ok(is_text(read(root, name)), name + " is text")
    page = read(root, "status.html")
    counts.ok(b"<script>alert" not in page and b"<b>note" not in page, "status.html: a name is no markup")
    status = json.loads(read(root, "status.json"))
    shown = json.dumps(status)
    counts.ok("note" in shown, "status.json lists what is no picture")
    counts.ok(b"note\\n.txt" in read(root, "STATUS"), "STATUS shows a line break in a name as \\n")


def files_below(top):
    return [os.path.relpath(os.path.join(folder, name), top) for folder, _, names in os.walk(top) for name in names]


def is_safe(component):
    if len(component) > NAME_MAX or not is_text(component, ""):
        return False
    text = component.decode()
    return not re.search(r'[<>:"|?*\\]', text) and text[-1] not in ". " and \
        text.split(".")[0].rstrip(" ").upper() not in DEVICES


def size_of(path):
    data = tree.read(path)
    decode = {"jpeg": tree.decode_jpeg, "png": tree.decode_png}[tree.kind_of(data)]
    return decode(path)[0][:2]


def check_results(counts, root, sizes):
    for rendition in (b"web", b"thumb"):
        top = os.path.join(os.fsencode(root), b"out", rendition)
        found = files_below(top)
        shown = sorted(size_of(os.path.join(top, path)) for path in found)
        counts.ok(shown == sorted(sizes.values()), "%d results in %s, each whole and there once: missing %s, too much %s" % (
            len(found), rendition.decode(), set(sizes.values()) - set(shown), set(shown) - set(sizes.values())))
        for path in found:
            counts.ok(all(is_safe(part) for part in path.split(b"/")), "spelled safely: %r" % path)
        folded = [path.decode().casefold() for path in found]
        counts.ok(len(set(folded)) == len(folded), "no two of %s differ only in case" % rendition.decode())


def check_originals(counts, root, sizes):
    done = os.path.join(os.fsencode(root), b"done")
    where = {}
    for path in files_below(done):
        if not path.endswith(b".progress"):
            where.setdefault(size_of(os.path.join(done, path)), []).append(path)
    for name in lonely_names():
        counts.ok(where.get(sizes[name]) == [name], "done under its name: %r, is %r" % (name, where.get(sizes[name])))
    for name in crowded_names():
        there = where.get(sizes[name], [])
        counts.ok(len(there) == 1 and there[0][:3].lower() == name[:3].lower(), "done once: %r, is %r" % (name, there))


def check_kept(counts, root):
    """progress = keep: one beside each original, which says where its results are."""
    done = os.path.join(os.fsencode(root), b"done")
    kept = [path for path in files_below(done) if path.endswith(b".progress")]
    counts.ok(len(kept) == len(pictures()), "%d sidecars were kept" % len(kept))
    results = set()
    for path in kept:
        text = read(done, path)
        fields = re.findall(rb"^(original|result): (.*)$", text, re.M)
        there = [re.sub(rb"\\(x[0-9a-f]{2}|.)", unescape, value) for _, value in fields]
        counts.ok(is_text(text) and text.startswith(b"done\n") and len(there) == 3 and
                  all(os.path.isfile(os.path.join(os.fsencode(root), name)) for name in there), "kept: %r" % path)
        results.update(there[1:])
    counts.ok(len(results) == 2 * len(kept), "each says of results of its own")


def unescape(match):
    mark = match.group(1)
    return bytes([int(mark[1:], 16)]) if mark[:1] == b"x" and len(mark) == 3 else \
        {b"n": b"\n", b"t": b"\t"}.get(mark, mark)


def check_failed(counts, root):
    failed = os.path.join(os.fsencode(root), b"failed")
    for name in BROKEN:
        counts.ok(os.path.isfile(os.path.join(failed, name)), "failed under its name: %r" % name)
    texts = [read(failed, name) for name in os.listdir(failed) if name.endswith(b".error.txt")]
    counts.ok(len(texts) == len(BROKEN) and all(is_text(text) for text in texts), "an error text for each, which is text")


def check_sidecars(counts, seen):
    names = {bytes.fromhex(line) for line in read(seen).decode().split()[1:]}
    sidecars = {name for name in names if name.endswith(b".progress")}
    top = [name for name in lonely_names() + crowded_names() + BROKEN if b"/" not in name]
    for name in top:
        if len(name) + len(b".progress") <= NAME_MAX:
            counts.ok(name + b".progress" in sidecars, "a sidecar: %r" % name)
    counts.ok(len(sidecars) == len(top), "%d pictures had %d sidecars" % (len(top), len(sidecars)))


def main():
    command, path = sys.argv[1:3]
    counts = tree.Counts()
    if command == "drop":
        drop(path)
        return
    if command == "watch":
        watch(path)
    if command == "reports":
        reports(counts, path)
    else:
        sizes = pictures()
        check_originals(counts, path, sizes)
        check_results(counts, path, sizes)
        check_kept(counts, path)
        check_failed(counts, path)
        check_sidecars(counts, sys.argv[3])
        lines = read(sys.argv[4]).split(b"\n")
        counts.ok(all(re.match(rb"<[0-7]>", line) for line in lines if line), "a log line is one line")
        counts.ok(all(is_text(line) for line in lines), "the log is text")
    print("counts %d %d" % (counts.passed, counts.failed))


if __name__ == "__main__":
    main()
