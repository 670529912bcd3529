"""Photographs larger than the corpus has: real ones, tiled, every sample with noise of its own."""
import random
import subprocess

NOISE = 4  # added to each sample, 0..3: what a sensor leaves, so that nothing repeats exactly


def read_ppm(data):
    fields, at = [], 2
    while len(fields) < 3:
        end = at
        while not data[end:end + 1].isspace() or not data[at:end].strip():
            end += 1
        fields.append(int(data[at:end]))
        at = end
    return fields[0], fields[1], data[at + 1:]


def tiled(jpeg, width, height, write):
    """Decode JPEG (a path), and WRITE() a PPM of WIDTH x HEIGHT made of it, row by row."""
    got = subprocess.run(['djpeg', '-ppm', jpeg], stdout=subprocess.PIPE, check=True)
    w, h, pixels = read_ppm(got.stdout)
    chance = random.Random(1)
    room = bytes(min(v, 256 - NOISE) for v in range(256))
    few = bytes(v % NOISE for v in range(256))
    noise = chance.randbytes(1 << 20).translate(few)
    write(b'P6\n%d %d\n255\n' % (width, height))
    n = width * 3
    for y in range(height):
        tile, row = divmod(y, h)
        row = h - 1 - row if tile % 2 else row
        line = (pixels[row * w * 3:(row + 1) * w * 3] * (width // w + 1))[:n].translate(room)
        at = chance.randrange(len(noise) - n)
        # No sample overflows, so the sum of two numbers is the sum of all their bytes.
        write((int.from_bytes(line, 'big') + int.from_bytes(noise[at:at + n], 'big'))
              .to_bytes(n, 'big'))


def pipe(jpeg, width, height, command, path):
    """The same through COMMAND (a list) into PATH."""
    with open(path, 'wb') as out:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out,
                                 stderr=subprocess.DEVNULL)
        tiled(jpeg, width, height, child.stdin.write)
        child.stdin.close()
        if child.wait() != 0:
            raise SystemExit('%s failed' % command[0])
