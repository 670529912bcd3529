"""Ours beside the others: CPU and wall time, peak memory, bytes and quality, run by run in turn.

bench.py --build DIR [--rounds N] [--work DIR] [--quick] CORPUS
CORPUS: a folder of photographs (JPEG); those of 11 million pixels and more are used, and larger ones
are made of them. Results: WORK/bench.tsv (every run), WORK/ratios.tsv, WORK/bench.svg, and a table.
"""
import argparse
import os
import statistics

from bench_files import by_size, check_tools, prepare
from bench_programs import SIZES, Programs
from bench_report import MIB, Report
from drawing import draw

OTHERS = ('vips', 'gm')
STARTED = ('convert', 'engine') + OTHERS


class Work:
    """runs: program -> function that gives its Cost. part: '', or which files of the whole work.
    bars: against whom, and how much; first: whose bars they are, beside: who is shown beside it."""

    def __init__(self, name, runs, bars, n_starts=None, part='', of=('convert', 'engine')):
        self.name, self.part, self.runs, self.bars = name, part, runs, bars
        self.first, self.beside = of
        self.n_starts = n_starts or {}
        self.rounds = {program: [] for program in runs}


class Works:
    """The pieces of work that the bars are for."""

    def __init__(self, programs):
        self.programs, self.all = programs, []

    def add(self, name, files, sizes, bars, form='jpeg', floor=('djpeg', ()), part=''):
        """FLOOR: a program that only reads, and down to which sizes."""
        def run(program, sizes=sizes):
            return lambda: self.programs.run(program, files, sizes, form)
        who = [p for p in STARTED if not part or p != 'gm']
        runs = {program: run(program) for program in who}
        runs[floor[0]] = run(*floor)
        n_starts = {} if part else {p: len(sizes) if p in OTHERS else 1 for p in STARTED}
        self.all.append(Work(name, runs, bars, n_starts, part))

    def add_jpeg(self, name, files, sizes, bars, floor=('djpeg', ())):
        """And the classes of size apart, because one large photograph outweighs several others."""
        self.add(name, files, sizes, bars, floor=floor)
        for part, some in by_size(files):
            self.add(name, some, sizes, {}, floor=floor, part=part)

    def add_daemon(self, files):
        run = self.programs.run
        self.all.append(Work('daemon, %d photographs' % len(files), {
            'daemon': lambda: self.programs.run_daemon(files, SIZES),
            'convert': lambda: run('convert', files, SIZES),
            'vips': lambda: run('vips', files, SIZES),
            'djpeg': lambda: run('djpeg', files)},
                             {'vips': 0.17, 'djpeg': 1.4}, of=('daemon', 'convert')))

    def add_all(self, sets):
        base, prog, png, rgba = (sets[k] for k in ('baseline', 'progressive', 'png', 'rgba'))
        small, libpng = ('djpeg', ('320',)), ('libpng', ())
        self.add_jpeg('4 renditions, baseline', base, SIZES, {'vips': 0.20, 'djpeg': 1.5})
        self.add_jpeg('4 renditions, progressive', prog, SIZES, {'vips': 0.25, 'djpeg': 1.2})
        self.add_jpeg('2048, baseline', base, ('2048',), {'vips': 0.45, 'djpeg': 1.3})
        self.add_jpeg('2048, progressive', prog, ('2048',), {})
        self.add_jpeg('320, baseline', base, ('320',), {'vips': 0.55, 'djpeg': 1.15}, small)
        self.add_jpeg('320, progressive', prog, ('320',), {'vips': 0.85, 'djpeg': 1.15}, small)
        self.add('PNG to JPEG 2048', png, ('2048',), {'vips': 0.70}, floor=libpng)
        self.add('PNG RGBA to JPEG 2048', rgba, ('2048',), {'vips': 0.70}, floor=libpng)
        self.add('PNG to PNG 2048', png, ('2048',), {'vips': 0.75}, 'png', libpng)
        self.add_daemon(sets['copies'])
        return self.all


def start_runs(programs, tiny):
    """What starting costs; convert starts a worker for each processor."""
    def run(program):
        files = tiny * (len(os.sched_getaffinity(0)) if program == 'convert' else 1)
        return lambda: programs.run(program, files, ('64',))
    return {program: run(program) for program in STARTED}


def run_rounds(all_works, starts, rounds, log):
    """Gives the CPU seconds of a start of each program."""
    seen = {program: [] for program in starts}
    for i in range(rounds):
        for program, run in starts.items():
            got = run()
            seen[program].append(got.cpu)
            log('start-up', '', program, i, got)
        for work in all_works:
            order = list(work.runs)
            for program in order[i % len(order):] + order[:i % len(order)]:
                if program == 'gm' and i > 0:
                    continue  # several times slower than all others; once is enough
                got = work.runs[program]()
                work.rounds[program].append(got)
                log(work.name, work.part, program, i, got)
    return {program: statistics.median(costs) for program, costs in seen.items()}


def measure_all(args, programs, sets):
    """Gives the works that were done, and what a start costs."""
    with open(os.path.join(args.work, 'bench.tsv'), 'w') as tsv:
        tsv.write('work\tpart\tprogram\tround\tcpu_s\twall_s\tpeak_kib\tbytes\n')

        def log(name, part, program, i, cost):
            tsv.write('%s\t%s\t%s\t%d\t%.3f\t%.3f\t%d\t%d\n' % ((name, part, program, i) + cost))
            tsv.flush()
        all_works = Works(programs).add_all(sets)
        return all_works, run_rounds(all_works, start_runs(programs, sets['tiny']), args.rounds, log)


# ---- what is measured once ----

def report_quality(sets, programs, report):
    print('\nquality')
    files, pair = sets['baseline'], ('convert', 'vips')
    for quality, size in ((82, '2048'), (82, '320'), (100, '2048')):
        costs = [programs.run(p, files, (size,), 'jpeg', quality) for p in pair]
        got = [programs.distances(f, [programs.result(p, f, size, 'jpg') for p in pair])
               for f in files]
        name = 'JPEG %s, quality %d' % (size, quality)
        report.once(name, pair, 'PSNR lost dB, worst', [v - o for o, v in got], 1.5, max)
        report.once(name, ('convert', ''), 'PSNR dB, worst', [o for o, _ in got],
                    42 if quality == 100 else None, min, True)
        report.once(name, ('vips', ''), 'PSNR dB, worst', [v for _, v in got], None, min)
        report.once(name, pair, 'bytes', [costs[0].size / costs[1].size])
    for program in pair:
        programs.run(program, sets['png'], ('2048',), 'png')
    bytes_of = [[os.path.getsize(programs.result(p, f, '2048', 'png')) for p in pair]
                for f in sets['png']]
    report.once('PNG to PNG 2048', pair, 'bytes, worst', [o / v for o, v in bytes_of], 1.0, max)


def report_memory(sets, programs, report):
    print('\npeak memory of the largest process, MiB')
    for name, key, bar in (('JPEG 100 Mpx to 2048', 'jpeg100', 64),
                           ('PNG 200 Mpx to 2048', 'png200', 96)):
        for program in ('convert', 'engine', 'vips') if key in sets else ():
            peak = programs.run(program, sets[key], ('2048',)).peak / MIB
            report.once(name, (program, ''), 'peak MiB', [peak], bar if program == 'convert' else None)


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
    photographs = os.path.join(args.work, 'photographs')
    sets = prepare(os.path.abspath(args.corpus), photographs, args.quick)
    programs = Programs(args.build, args.work, photographs)
    all_works, start_of = measure_all(args, programs, sets)
    report = Report(start_of)
    report.starts()
    report.works(all_works)
    report_quality(sets, programs, report)
    report_memory(sets, programs, report)
    report.write(os.path.join(args.work, 'ratios.tsv'))
    draw(os.path.join(args.work, 'bench.svg'), report.bars)
    print('\nevery run, the ratios, a picture: %s/{bench.tsv,ratios.tsv,bench.svg}' % args.work)


if __name__ == '__main__':
    main()
