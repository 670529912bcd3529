"""Ours beside the others: CPU time, peak memory, bytes and quality, run by run in turn.

bench.py --build DIR [--rounds N] [--work DIR] [--quick] CORPUS
CORPUS: a folder of photographs (JPEG); those of 11 million pixels and more are used, and larger ones
are made of them. Results: WORK/bench.tsv (every run), WORK/ratios.tsv, WORK/bench.svg, and a table.
"""
import argparse
import os
import shutil
import statistics
import struct
import subprocess
import sys
import time

import large
from drawing import draw

TOOLS = {'vipsthumbnail': 'libvips-tools', 'gm': 'graphicsmagick', 'pngtopam': 'netpbm',
         'pnmtopng': 'netpbm', 'pgmramp': 'netpbm', 'djpeg': 'libjpeg-turbo-progs', 'jpegtran': 'libjpeg-turbo-progs',
         'cjpeg': 'libjpeg-turbo-progs'}
SIZES = ('2048', '1024', '512', '320')
MIN_PIXELS = 11000000
MAX_PHOTOGRAPHS = 8
MIN_PNG_BYTES = 0.2  # a pixel; what packs better than that is a drawing of flat colours
MIB = 1024.0


def check_tools():
    missing = sorted({TOOLS[tool] for tool in TOOLS if shutil.which(tool) is None})
    if missing:
        sys.exit('bench: these packages are missing: %s' % ' '.join(missing))


# ---- photographs ----

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
        source.wait()
    os.rename(path + '.part', path)
    return path


def in_child(work, *arguments):
    """Call WORK in a process of its own: what it takes of memory would else be in the peak of
    every program that is started after it (a child's ru_maxrss begins with its parent's)."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work(*arguments)
            status = 0
        finally:
            os._exit(status)
    if os.waitpid(pid, 0)[1] != 0:
        raise SystemExit('a photograph could not be made')


def make_large(path, photograph, width, height, command):
    if not os.path.exists(path):
        in_child(large.pipe, photograph, width, height, command, path + '.part')
        os.rename(path + '.part', path)
    return path


def prepare(args):
    """The sets of files: baseline, progressive, png, rgba, jpeg100, png200, tiny."""
    photographs = []
    sets = {'baseline': [], 'progressive': [], 'png': [], 'rgba': []}
    folder = os.path.join(args.work, 'photographs')
    os.makedirs(folder, exist_ok=True)

    def at(name):
        return os.path.join(folder, name)
    for i, (pixels, path) in enumerate(find_photographs(args.corpus)):
        if len(photographs) == MAX_PHOTOGRAPHS or not is_sound(path):
            continue
        png = make(at('n%d.png' % i), ['pnmtopng'], ['djpeg', '-ppm', path])
        if os.path.getsize(png) < MIN_PNG_BYTES * pixels:
            continue
        photographs.append(path)
        sets['png'].append(png)
        width, height = jpeg_size(path)
        ramp = make(at('a%d.pgm' % i), ['pgmramp', '-lr', str(width), str(height)])
        sets['rgba'].append(make(at('a%d.png' % i), ['pnmtopng', '-alpha=' + ramp],
                                 ['djpeg', '-ppm', path]))
        sets['baseline'].append(make(at('b%d.jpg' % i), ['jpegtran', '-copy', 'none', path]))
        sets['progressive'].append(make(at('p%d.jpg' % i), ['jpegtran', '-copy', 'none',
                                                            '-progressive', path]))
    if not photographs:
        sys.exit('bench: no sound JPEG photograph of %d million pixels and more in %s' %
                 (MIN_PIXELS // 1000000, args.corpus))
    if not args.quick:
        path = make_large(at('b50.jpg'), photographs[0], 8660, 5774, ['cjpeg', '-quality', '92'])
        sets['baseline'].append(path)
        sets['progressive'].append(make(at('p50.jpg'), ['jpegtran', '-progressive', path]))
    sets['jpeg100'] = [make_large(at('b100.jpg'), photographs[0], 12000, 8334,
                                  ['cjpeg', '-quality', '90'])]
    if not args.quick:
        sets['png200'] = [make_large(at('n200.png'), photographs[0], 16384, 12208,
                                     ['pnmtopng', '-compression', '1'])]
    sets['tiny'] = [make(at('tiny.jpg'), ['cjpeg'], ['djpeg', '-scale', '1/8', photographs[0]])]
    return sets


# ---- programs ----

class Programs:
    """How each of them is told to do one piece of work; a list of commands."""

    def __init__(self, args):
        self.build = args.build
        self.out = os.path.join(args.work, 'results')
        os.chdir(os.path.join(args.work, 'photographs'))

    def folder(self, name):
        path = os.path.join(self.out, name)
        os.makedirs(path, exist_ok=True)
        return path

    def ours(self, files, sizes, form='jpeg', quality=82):
        return [[os.path.join(self.build, 'tests/bench/develop_files'), '-s', ','.join(sizes),
                 '-f', form, '-q', str(quality), self.folder('ours')] + files]

    def vips(self, files, sizes, form='jpeg', quality=82):
        style = '_%s.jpg[Q=%d,optimize_coding,strip]' if form == 'jpeg' else '_%s.png[strip]'
        to = self.folder('vips') + '/%s'
        return [['vipsthumbnail', '-s', '%sx%s' % (s, s), '-o',
                 to + style % ((s, quality) if form == 'jpeg' else s)] + files for s in sizes]

    def gm(self, files, sizes, form='jpeg', quality=82):
        how = ['-format', 'jpg', '-quality', str(quality)] if form == 'jpeg' else \
            ['-format', 'png']
        files = [os.path.basename(f) for f in files]  # it appends them to the folder
        return [['gm', 'mogrify', '-output-directory', self.folder('gm'), '-size',
                 '%sx%s' % (s, s), '-resize', '%sx%s' % (s, s)] + how + files for s in sizes]

    def djpeg(self, files, scale='1/1'):
        return [['djpeg', '-scale', scale, '-outfile', '/dev/null', f] for f in files]

    def pngtopam(self, files):
        return [['pngtopam', f] for f in files]

    def quality(self, source, results):
        got = subprocess.run([os.path.join(self.build, 'tests/bench/quality'), source] + results,
                             stdout=subprocess.PIPE, check=True, text=True)
        return [float(line.split()[0]) for line in got.stdout.splitlines()]


def scale_for(path, size):
    """The reduction that djpeg may use where twice SIZE is to be left."""
    width, height = jpeg_size(path)
    for n in (8, 4, 2):
        if max(width, height) / n >= 2 * int(size):
            return '1/%d' % n
    return '1/1'


def measure(commands, env=None):
    """(CPU seconds, wall seconds, peak KiB) of all of COMMANDS, with what they started."""
    cpu, peak, begin = 0.0, 0, time.monotonic()
    for command in commands:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=env)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        if status != 0:
            sys.exit('bench: this failed: %s' % ' '.join(command[:6]))
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss)
    return cpu, time.monotonic() - begin, peak


# ---- the daemon ----

def run_daemon(args, photograph, n):
    """The daemon on N copies of PHOTOGRAPH: what measure() gives, of all its processes."""
    root = os.path.join(args.work, 'spool')
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(os.path.join(root, 'inbox'))
    for i in range(n):
        shutil.copy(photograph, os.path.join(root, 'inbox', 'photograph%03d.jpg' % i))
    config = os.path.join(args.work, 'darkroom.ini')
    with open(config, 'w') as f:
        for size in SIZES:
            f.write('[rendition s%s]\nsize = %sx%s\nquality = 82\n\n' % (size, size, size))
        f.write('[profile default]\nrenditions = %s\n' % ', '.join('s' + s for s in SIZES))
    begin = time.monotonic()
    child = subprocess.Popen([os.path.join(args.build, 'darkroomd'), '-r', root, '-c', config],
                             stderr=subprocess.DEVNULL)
    done = os.path.join(root, 'done')
    while not os.path.isdir(done) or len(os.listdir(done)) < n:
        time.sleep(0.05)
        if child.poll() is not None or time.monotonic() - begin > 600:
            sys.exit('bench: the daemon did not develop them; see %s' % root)
    wall = time.monotonic() - begin
    child.terminate()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss


# ---- the pieces of work ----

class Work:
    """name; run: program -> function that gives (cpu, wall, peak); bars: (against, bar, beyond)."""

    def __init__(self, name, runs, bars, n_starts=None):
        self.name, self.runs, self.bars = name, runs, bars
        self.n_starts = n_starts or {}
        self.rounds = {program: [] for program in runs}


def works(args, sets, programs):
    def of(name, files, sizes, bars, form='jpeg', floor=None):
        runs = {'ours': programs.ours(files, sizes, form),
                'vips': programs.vips(files, sizes, form),
                'gm': programs.gm(files, sizes, form)}
        runs[floor[0]] = floor[1]
        return Work(name, {p: (lambda c=c: measure(c)) for p, c in runs.items()}, bars,
                    {'ours': 1, 'vips': len(sizes), 'gm': len(sizes)})

    def djpeg(files, size=None):
        return 'djpeg', [c for f in files
                         for c in programs.djpeg([f], scale_for(f, size) if size else '1/1')]
    base, prog, png = sets['baseline'], sets['progressive'], sets['png']
    all_works = [
        of('4 renditions, baseline', base, SIZES, {'vips': 0.20, 'djpeg': 1.5},
           floor=djpeg(base)),
        of('4 renditions, progressive', prog, SIZES, {'vips': 0.25, 'djpeg': 1.2},
           floor=djpeg(prog)),
        of('2048, baseline', base, ('2048',), {'vips': 0.45, 'djpeg': 1.3}, floor=djpeg(base)),
        of('2048, progressive', prog, ('2048',), {}, floor=djpeg(prog)),
        of('320, baseline', base, ('320',), {'vips': 0.55, 'djpeg': 1.15},
           floor=djpeg(base, 320)),
        of('320, progressive', prog, ('320',), {'vips': 0.85, 'djpeg': 1.15},
           floor=djpeg(prog, 320)),
        of('PNG to JPEG 2048', png, ('2048',), {'vips': 0.70},
           floor=('pngtopam', programs.pngtopam(png))),
        of('PNG RGBA to JPEG 2048', sets['rgba'], ('2048',), {'vips': 0.70},
           floor=('pngtopam', programs.pngtopam(sets['rgba']))),
        of('PNG to PNG 2048', png, ('2048',), {'vips': 0.75}, 'png',
           ('pngtopam', programs.pngtopam(png)))]
    n = 20 if args.quick else 100
    copies = [base[-1 if args.quick else len(base) // 2]] * n
    all_works.append(Work('daemon, %d photographs' % n, {
        'ours': lambda: run_daemon(args, copies[0], n),
        'vips': lambda: measure(programs.vips(copies, SIZES)),
        'djpeg': lambda: measure(programs.djpeg(copies))}, {'vips': 0.17, 'djpeg': 1.4}))
    return all_works


def run_rounds(all_works, starts, rounds, log):
    for i in range(rounds):
        for program, run in starts.items():
            log('start-up', program, i, run())
        for work in all_works:
            order = list(work.runs)
            for program in order[i % len(order):] + order[:i % len(order)]:
                if program == 'gm' and i > 0:
                    continue  # several times slower than all others; once is enough
                got = work.runs[program]()
                work.rounds[program].append(got)
                log(work.name, program, i, got)


def ratios(work, other, start_of=None):
    """Ours to OTHER's CPU time, round by round; less what a start costs, where asked for."""
    result = []
    for ours, theirs in zip(work.rounds['ours'], work.rounds[other]):
        a, b = ours[0], theirs[0]
        if start_of:
            a -= start_of['ours'] * work.n_starts.get('ours', 0)
            b -= start_of[other] * work.n_starts.get(other, 0)
        result.append(a / b)
    return result


# ---- what comes out ----

def verdict(value, bar):
    return 'reached' if value <= bar else 'NOT REACHED'


def line(table, name, what, value, spread, bar, text='%.2f'):
    row = (name, what, text % value, spread, text % bar if bar else '',
           verdict(value, bar) if bar else '')
    table.append(row)
    print('%-28s %-26s %9s %-15s %8s  %s' % row, flush=True)


def report(all_works, start_of, table):
    print('\n%-28s %-26s %9s %-15s %8s' % ('work', 'figure', 'median', 'spread', 'bar'))
    bars = []
    for work in all_works:
        for other in work.runs:
            if other == 'ours':
                continue
            got = ratios(work, other)
            line(table, work.name, 'CPU, ours / %s' % other, statistics.median(got),
                 '%.2f..%.2f' % (min(got), max(got)), work.bars.get(other))
            if other in work.bars:
                bars.append((work.name, other, statistics.median(got), min(got), max(got),
                             work.bars[other]))
            if other in start_of and work.n_starts:
                bare = ratios(work, other, start_of)
                line(table, work.name, '  without start-up', statistics.median(bare),
                     '%.2f..%.2f' % (min(bare), max(bare)), None)
    return bars


def total_bytes(programs, program, files, size, extension):
    folder = programs.folder(program)
    names = [os.path.splitext(os.path.basename(f))[0] for f in files]
    return sum(os.path.getsize('%s/%s_%s.%s' % (folder, n, size, extension)) for n in names)


def report_quality(sets, programs, table):
    for quality, size in ((82, '2048'), (82, '320'), (100, '2048')):
        files = sets['baseline']
        measure(programs.ours(files, (size,), 'jpeg', quality))
        measure(programs.vips(files, (size,), 'jpeg', quality))
        db = {'ours': [], 'vips': []}
        for path in files:
            stem = os.path.splitext(os.path.basename(path))[0]
            got = programs.quality(path, ['%s/%s_%s.jpg' % (programs.folder(p), stem, size)
                                          for p in db])
            for program, value in zip(db, got):
                db[program].append(value)
        lost = [v - o for v, o in zip(db['vips'], db['ours'])]
        name = 'JPEG %s, quality %d' % (size, quality)
        line(table, name, 'PSNR lost to vips, worst dB', max(lost),
             '%.2f..%.2f' % (min(lost), max(lost)), 1.5)
        line(table, name, 'bytes, ours / vips',
             total_bytes(programs, 'ours', files, size, 'jpg') /
             total_bytes(programs, 'vips', files, size, 'jpg'), '', None)
        if quality == 100:
            low = min(db['ours'])
            table.append((name, 'lowest PSNR dB', '%.1f' % low, '', '42',
                          'reached' if low >= 42 else 'NOT REACHED'))
            print('%-28s %-26s %9s %-15s %8s  %s' % table[-1])
    measure(programs.ours(sets['png'], ('2048',), 'png'))
    measure(programs.vips(sets['png'], ('2048',), 'png'))
    worst = max(total_bytes(programs, 'ours', [f], '2048', 'png') /
                total_bytes(programs, 'vips', [f], '2048', 'png') for f in sets['png'])
    line(table, 'PNG to PNG 2048', 'bytes, ours / vips, worst', worst, '', 1.0, '%.3f')


def report_memory(sets, programs, table):
    for name, key, bar in (('JPEG 100 Mpx to 2048', 'jpeg100', 64),
                           ('PNG 200 Mpx to 2048', 'png200', 96)):
        if key not in sets:
            continue
        for program, commands in (('ours', programs.ours(sets[key], ('2048',))),
                                  ('vips', programs.vips(sets[key], ('2048',)))):
            peak = measure(commands)[2] / MIB
            line(table, name, 'peak MiB, %s' % program, peak, '', bar if program == 'ours'
                 else None, '%.0f')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', default='.')
    parser.add_argument('--work')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--quick', action='store_true', help='fewer and smaller files')
    parser.add_argument('corpus')
    args = parser.parse_args()
    args.build = os.path.abspath(args.build)
    args.work = os.path.abspath(args.work or os.path.join(args.build, 'tests/bench/work'))
    check_tools()
    sets = prepare(args)
    programs = Programs(args)
    tiny = sets['tiny']
    starts = {'ours': lambda: measure(programs.ours(tiny, ('64',))),
              'vips': lambda: measure(programs.vips(tiny, ('64',))),
              'gm': lambda: measure(programs.gm(tiny, ('64',)))}
    seen = {p: [] for p in starts}
    table = []
    with open(os.path.join(args.work, 'bench.tsv'), 'w') as tsv:
        tsv.write('work\tprogram\tround\tcpu_s\twall_s\tpeak_kib\n')

        def log(name, program, i, got):
            tsv.write('%s\t%s\t%d\t%.3f\t%.3f\t%d\n' % ((name, program, i) + got))
            tsv.flush()
            if name == 'start-up':
                seen[program].append(got[0])
        all_works = works(args, sets, programs)
        run_rounds(all_works, starts, args.rounds, log)
    bars = report(all_works, {p: statistics.median(v) for p, v in seen.items()}, table)
    report_quality(sets, programs, table)
    report_memory(sets, programs, table)
    with open(os.path.join(args.work, 'ratios.tsv'), 'w') as tsv:
        tsv.write('work\tfigure\tmedian\tspread\tbar\tverdict\n')
        tsv.writelines('\t'.join(row) + '\n' for row in table)
    draw(os.path.join(args.work, 'bench.svg'), bars)
    print('\nevery run, the ratios, a picture: %s/{bench.tsv,ratios.tsv,bench.svg}' % args.work)


if __name__ == '__main__':
    main()
