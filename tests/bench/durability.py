"""What safety costs: pictures a second with durability = full beside = fast, in turn.

durability.py --build DIR [--rounds N] [--pictures N] [--work DIR] PICTURE...
Copies of the PICTUREs (of about 500 kB) lie in inbox/ and on the disk; one rendition each, two
workers, darkroomd --once. WORK must be on a real disk: in memory nothing has to be flushed.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time

BAR = 0.8  # of the throughput without fsync
RENDITIONS = ('1024x1024', '320x320')


def daemon(build, root, durability, size):
    return [os.path.join(build, 'darkroomd'), '-r', root, '--once', '-o', 'workers.count=2',
            '-o', 'spool.min_free=0', '-o', 'spool.durability=' + durability,
            '-o', 'profile default.renditions=one', '-o', 'rendition one.size=' + size]


def pictures_a_second(args, durability, size):
    root = os.path.join(args.work, 'durability')
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    command = daemon(args.build, root, durability, size)
    subprocess.run(command, stderr=subprocess.DEVNULL, check=True)  # makes the folders
    for i in range(args.pictures):
        shutil.copy(args.picture[i % len(args.picture)],
                    os.path.join(root, 'inbox', 'picture%04d.jpg' % i))
    os.sync()
    begin = time.monotonic()
    got = subprocess.run(command, stderr=subprocess.DEVNULL)
    wall = time.monotonic() - begin
    if got.returncode != 0 or len(os.listdir(os.path.join(root, 'done'))) != args.pictures:
        sys.exit('bench: the daemon did not develop all; see %s' % root)
    return args.pictures / wall


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', default='.')
    parser.add_argument('--work', default='tests/bench/work')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--pictures', type=int, default=200)
    parser.add_argument('picture', nargs='+')
    args = parser.parse_args()
    args.build, args.work = os.path.abspath(args.build), os.path.abspath(args.work)
    for size in RENDITIONS:
        seen = {'fast': [], 'full': []}
        for i in range(args.rounds):
            for durability in sorted(seen, reverse=i % 2 == 1):
                seen[durability].append(pictures_a_second(args, durability, size))
        got = [full / fast for full, fast in zip(seen['full'], seen['fast'])]
        value = statistics.median(got)
        print('%-28s %-26s %9.2f %-15s %8.2f  %s' % (
            'pictures/s, rendition %s' % size.split('x')[0], 'full / fast', value,
            '%.2f..%.2f' % (min(got), max(got)), BAR,
            'reached' if value >= BAR else 'NOT REACHED'))
        print('%-28s %-26s %9.1f / %.1f' % ('', '  median of each', statistics.median(seen['full']),
                                             statistics.median(seen['fast'])), flush=True)
    shutil.rmtree(os.path.join(args.work, 'durability'), ignore_errors=True)


if __name__ == '__main__':
    main()
