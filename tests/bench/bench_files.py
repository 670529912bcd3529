"""What bench.py works on: the photographs of a folder, and larger ones and PNGs made of them."""
import os
import shutil
import struct
import subprocess
import sys

import large

TOOLS = {'vipsthumbnail': 'libvips-tools', 'gm': 'graphicsmagick', 'pnmtopng': 'netpbm',
         'pgmramp': 'netpbm', 'djpeg': 'libjpeg-turbo-progs', 'jpegtran': 'libjpeg-turbo-progs',
         'cjpeg': 'libjpeg-turbo-progs'}
MIN_PIXELS = 11000000
LARGE_PIXELS = 25000000  # from here on it is of the class of the large ones
MAX_PHOTOGRAPHS = 8
MIN_PNG_BYTES = 0.2  # a pixel; what packs better than that is a drawing of flat colours


def check_tools():
    missing = sorted({TOOLS[tool] for tool in TOOLS if shutil.which(tool) is None})
    if missing:
        sys.exit('bench: these packages are missing: %s' % ' '.join(missing))


def jpeg_size(path):
    """(width, height) of a JPEG, or None."""
    with open(path, 'rb') as f:
        data = f.read(1 << 18)
    at = 2
    while data[:2] == b'\xff\xd8' and at + 9 < len(data) and data[at] == 0xff:
        if 0xc0 <= data[at + 1] <= 0xc2:
            height, width = struct.unpack('>HH', data[at + 5:at + 9])
            return width, height
        at += 2 + struct.unpack('>H', data[at + 2:at + 4])[0]
    return None


def pixels_of(path):
    width, height = jpeg_size(path)
    return width * height


def find_photographs(corpus):
    found = []
    for folder, _, names in os.walk(corpus):
        for name in sorted(names):
            path = os.path.join(folder, name)
            size = jpeg_size(path) if name.lower().endswith(('.jpg', '.jpeg')) else None
            if size and size[0] * size[1] >= MIN_PIXELS:
                found.append((size[0] * size[1], path))
    return sorted(found)


def is_sound(path):
    got = subprocess.run(['djpeg', '-fast', '-outfile', '/dev/null', path],
                         stderr=subprocess.PIPE)
    return got.returncode == 0 and not got.stderr


def make(path, command, stdin=None):
    if os.path.exists(path):
        return path
    source = subprocess.Popen(stdin, stdout=subprocess.PIPE) if stdin else None
    with open(path + '.part', 'wb') as out:
        subprocess.run(command, stdin=source.stdout if source else None, stdout=out, check=True,
                       stderr=subprocess.DEVNULL)
    if source:
        source.stdout.close()
        if source.wait() != 0:
            sys.exit('bench: this failed: %s' % ' '.join(stdin))
    os.rename(path + '.part', path)
    return path


def make_large(path, photograph, width, height, command):
    if not os.path.exists(path):
        large.pipe(photograph, width, height, command, path + '.part')
        os.rename(path + '.part', path)
    return path


def make_copies(folder, photograph, n):
    """Files of their own, so that everybody reads and writes as many."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return [shutil.copy(photograph, os.path.join(folder, 'photograph%03d.jpg' % i)) for i in range(n)]


def by_size(files):
    """[(what they are, those of FILES)], the large ones apart; [] where there is but one class."""
    smaller = [f for f in files if pixels_of(f) < LARGE_PIXELS]
    larger = [f for f in files if f not in smaller]
    classes = []
    for some in (smaller, larger) if smaller and larger else ():
        of = [round(pixels_of(f) / 1e6) for f in some]
        name = '%d' % of[0] if min(of) == max(of) else '%d-%d' % (min(of), max(of))
        classes.append((name + ' Mpx', some))
    return classes


def add_photograph(sets, at, i, path):
    """PATH as all kinds of file, the I-th of SETS; not what is a drawing. Gives whether it was one."""
    width, height = jpeg_size(path)
    png = make(at('n%d.png' % i), ['pnmtopng'], ['djpeg', '-ppm', path])
    if os.path.getsize(png) < MIN_PNG_BYTES * width * height:
        return True
    ramp = make(at('a%d.pgm' % i), ['pgmramp', '-lr', str(width), str(height)])
    sets['png'].append(png)
    sets['rgba'].append(make(at('a%d.png' % i), ['pnmtopng', '-alpha=' + ramp],
                             ['djpeg', '-ppm', path]))
    sets['baseline'].append(make(at('b%d.jpg' % i), ['jpegtran', '-copy', 'none', path]))
    sets['progressive'].append(make(at('p%d.jpg' % i), ['jpegtran', '-copy', 'none', '-progressive',
                                                        path]))
    return False


def prepare(corpus, folder, is_quick):
    """The sets of files: baseline, progressive, png, rgba, jpeg100, png200, tiny, copies."""
    sets = {'baseline': [], 'progressive': [], 'png': [], 'rgba': []}
    photographs = []
    os.makedirs(folder, exist_ok=True)

    def at(name):
        return os.path.join(folder, name)
    for i, (_, path) in enumerate(find_photographs(corpus)):
        if len(photographs) < MAX_PHOTOGRAPHS and is_sound(path) and \
                not add_photograph(sets, at, i, path):
            photographs.append(path)
    if not photographs:
        sys.exit('bench: no sound JPEG photograph of %d million pixels and more in %s' %
                 (MIN_PIXELS // 1000000, corpus))
    if not is_quick:
        path = make_large(at('b50.jpg'), photographs[0], 8660, 5774, ['cjpeg', '-quality', '92'])
        sets['baseline'].append(path)
        sets['progressive'].append(make(at('p50.jpg'), ['jpegtran', '-progressive', path]))
        sets['png200'] = [make_large(at('n200.png'), photographs[0], 16384, 12200,
                                     ['pnmtopng', '-compression', '1'])]
    middle = sets['baseline'][len(sets['baseline']) // 2]
    sets['copies'] = make_copies(at('copies'), middle, 20 if is_quick else 100)
    sets['jpeg100'] = [make_large(at('b100.jpg'), photographs[0], 12000, 8334,
                                  ['cjpeg', '-quality', '90'])]
    sets['tiny'] = [make(at('tiny.jpg'), ['cjpeg'], ['djpeg', '-scale', '1/8', photographs[0]])]
    return sets
