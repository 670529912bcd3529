#!/usr/bin/env python3
"""progress.py [-w FOLDER] [-m MEGAPIXELS] PHOTO: how even is the progress of a large picture?

Makes a baseline JPEG, a progressive JPEG, a PNG and an interlaced PNG of MEGAPIXELS (100) out of
PHOTO, a JPEG (kept in FOLDER), develops each by develop_files -p, and prints

    step    the largest step, in points of a hundred
    CPU     of a point: the least, the median, the most, and the most by the least
    left    the time left, reckoned as the master does, by the time that it then took: the lowest and
            the highest quotient from a quarter of the work to nine tenths

A measurement, but it ends with 1 when a bar is missed: steps of 10 points, 4, and a factor of 2.
"""
import argparse
import os
import subprocess
import sys
import tempfile

import large

SETS = (("2048", []), ("2048,320", []), ("2048,1024,512,320", []), ("4096,1200", ["-f", "png"]))
STEP_BAR, CPU_BAR, LEFT_BAR = 10, 4, 2
POINT = 10  # permille
ROUNDS = 3


def photographs(photo, folder, megapixels):
    width = int((megapixels * 1e6 * 4 / 3) ** 0.5)
    height = int(megapixels * 1e6 / width)
    makers = (("baseline.jpg", ["cjpeg", "-quality", "90"]),
              ("progressive.jpg", ["cjpeg", "-quality", "90", "-progressive"]),
              ("plain.png", ["pnmtopng", "-compression", "3"]),
              ("interlaced.png", ["pnmtopng", "-interlace", "-compression", "3"]))
    for name, command in makers:
        path = os.path.join(folder, "%d-%s" % (megapixels, name))
        if not os.path.exists(path):
            large.pipe(photo, width, height, command, path + ".new")
            os.rename(path + ".new", path)
        yield path


def told(path, sizes, options):
    """[(permille, CPU seconds so far)], beginning with 0 and ending with 1000."""
    with tempfile.TemporaryDirectory() as results:
        run = subprocess.run(["tests/bench/develop_files", "-p", "-s", sizes] + options + [results, path],
                             stdout=subprocess.PIPE, check=True, text=True)
    lines = [line.split() for line in run.stdout.splitlines()[1:]]
    return [(int(permille), int(ns) / 1e9) for permille, ns, _ in lines]


def points(steps):
    """CPU seconds of each point of a hundred, as evenly as it was told."""
    found = []
    last, last_s = 0, 0.0
    for permille, seconds in steps:
        if permille - last >= POINT:
            found.append((seconds - last_s) * POINT / (permille - last))
            last, last_s = permille, seconds
    return found


def quiet(path, sizes, options):
    """The same, each step at its quickest: what else the machine does is no matter of ours."""
    runs = [told(path, sizes, options) for _ in range(ROUNDS)]
    steps = [(0, 0.0)]
    for i in range(1, len(runs[0])):
        steps.append((runs[0][i][0], steps[-1][1] + min(run[i][1] - run[i - 1][1] for run in runs)))
    return steps


def measure(path, sizes, options):
    steps = quiet(path, sizes, options)
    largest = max(b[0] - a[0] for a, b in zip(steps, steps[1:])) / POINT
    cost = sorted(points(steps))
    whole = steps[-1][1]
    left = [(seconds * (1000 - permille) / permille) / (whole - seconds)
            for permille, seconds in steps if 250 <= permille <= 900]
    print("%-20s %-20s %5.2f s  step %4.1f  CPU %5.1f %5.1f %5.1f ms = %4.1f  left %.2f to %.2f" % (
        os.path.basename(path), sizes + " ".join([""] + options), whole, largest, cost[0] * 1e3,
        cost[len(cost) // 2] * 1e3, cost[-1] * 1e3, cost[-1] / cost[0], min(left), max(left)), flush=True)
    if "-v" in sys.argv:
        for permille, seconds in steps:
            print("%6.1f %7.3f" % (permille / 10, seconds))
    return largest <= STEP_BAR and cost[-1] <= CPU_BAR * cost[0] and \
        min(left) >= 1 / LEFT_BAR and max(left) <= LEFT_BAR


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-w", "--work", default="progress-work")
    parser.add_argument("-m", "--megapixels", type=float, default=100)
    parser.add_argument("-v", "--verbose", action="store_true", help="every step")
    parser.add_argument("photo")
    given = parser.parse_args()
    os.makedirs(given.work, exist_ok=True)
    is_good = True
    for path in photographs(given.photo, given.work, given.megapixels):
        for sizes, options in SETS:
            is_good = measure(path, sizes, options) and is_good
    sys.exit(0 if is_good else 1)


main()
