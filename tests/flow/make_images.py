#!/usr/bin/env python3
"""make_images.py copies FOLDER N SOURCE...: N JPEGs, each of another content (a comment
                  holds its number), as FOLDER/img-0001.jpg ..., taking the sources in turn.
make_images.py big FILE MEGAPIXELS SOURCE: a progressive JPEG of at least so many megapixels,
                  SOURCE tiled, with noise so that no tile is like another.
make_images.py mark FILE RRGGBB: a PNG of 20x20 pixels of one colour.
make_images.py folders FOLDER N_FOLDERS N_FILES SOURCE...: FOLDER/d0001/f01.jpg and so on.
"""
import os
import random
import subprocess
import sys
import zlib


def with_comment(data, text):
    """The same picture with a COM segment after SOI."""
    return data[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + data[2:]


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def read_all(paths):
    found = []
    for path in paths:
        with open(path, "rb") as file:
            found.append(file.read())
    return found


def copies(folder, n, sources):
    pictures = read_all(sources)
    os.makedirs(folder, exist_ok=True)
    for i in range(1, n + 1):
        write("%s/img-%04d.jpg" % (folder, i), with_comment(pictures[i % len(pictures)], b"copy %d" % i))


def folders(folder, n_folders, n_files, sources):
    pictures = read_all(sources)
    for i in range(1, n_folders + 1):
        os.makedirs("%s/d%04d" % (folder, i))
        for j in range(1, n_files + 1):
            picture = pictures[(i + j) % len(pictures)]
            write("%s/d%04d/f%02d.jpg" % (folder, i, j), with_comment(picture, b"%s %d %d" % (folder.encode(), i, j)))


def big(path, megapixels, source):
    ppm = subprocess.run(["djpeg", "-pnm", source], capture_output=True, check=True).stdout
    _, size, _, pixels = ppm.split(b"\n", 3)
    width, height = map(int, size.split())
    n = 1
    while width * height * n * n < megapixels * 1e6:
        n += 1
    row_bytes = 3 * width * n
    # Four bits of noise a sample; the same megabyte of it, entered at another place each row.
    noise = bytes(b & 15 for b in random.Random(1).randbytes(1 << 20))
    with subprocess.Popen(["cjpeg", "-quality", "95", "-progressive", "-outfile", path],
                          stdin=subprocess.PIPE) as cjpeg:
        cjpeg.stdin.write(b"P6\n%d %d\n255\n" % (width * n, height * n))
        for y in range(height * n):
            start = 3 * width * (y % height)
            row = int.from_bytes(pixels[start:start + 3 * width] * n, "little")
            at = random.Random(y).randrange((1 << 20) - row_bytes)
            grain = int.from_bytes(noise[at:at + row_bytes], "little")
            cjpeg.stdin.write((row ^ grain).to_bytes(row_bytes, "little"))
        cjpeg.stdin.close()
    if cjpeg.returncode != 0:
        sys.exit("cjpeg failed")
    print("# %s: %dx%d, %d bytes" % (os.path.basename(path), width * n, height * n, os.path.getsize(path)))


def mark(path, color):
    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    size = (20).to_bytes(4, "big")
    rows = (b"\0" + bytes.fromhex(color) * 20) * 20
    write(path, b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + size + b"\x08\x02\0\0\0") +
          chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def main():
    command, path = sys.argv[1:3]
    rest = sys.argv[3:]
    if command == "copies":
        copies(path, int(rest[0]), rest[1:])
    elif command == "big":
        big(path, float(rest[0]), rest[1])
    elif command == "mark":
        mark(path, rest[0])
    else:
        folders(path, int(rest[0]), int(rest[1]), rest[2:])


if __name__ == "__main__":
    main()
