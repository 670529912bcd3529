"""What bench.py prints and writes: a block for each piece of work, and all of it as TSV."""
import statistics

MIB = 1024.0
FIGURES = ('cpu', 'wall', 'peak', 'size')
UNITS = (('cpu s', 1), ('wall s', 1), ('peak MiB', MIB), ('size MB', 1e6))
ROW = '%-21s %-14s %-14s %-14s %5s %7s %s'  # 100 columns with a bar that is not reached
ROW_ONCE = '%-22s %-35s %6s %-13s  %s'
COLUMNS = 'work\tpart\tprogram\tagainst\tfigure\tmedian\tlow\thigh\tbar\tverdict\n'


def ratios(work, ours, other, figure='cpu', start_of=None):
    """OURS to OTHER's, round by round; less what starting costs, where asked for. [] without both."""
    result = []
    for a, b in zip(work.rounds.get(ours, ()), work.rounds.get(other, ())):
        a, b = getattr(a, figure), getattr(b, figure)
        if start_of:
            a -= start_of[ours] * work.n_starts[ours]
            b -= start_of[other] * work.n_starts[other]
        if b > 0:
            result.append(a / b)
    return result


def number(value):
    return ('%.2f' if value < 9.995 else '%.1f' if value < 99.95 else '%.0f') % value


def middle(values):
    return number(statistics.median(values)) if values else ''


def cell(values):
    """Median and spread, in 14 columns at most."""
    if len(values) < 2:
        return middle(values)
    return '%s %s-%s' % (middle(values), number(min(values)), number(max(values)))


class Report:
    """table: rows for the TSV; bars: what has one, for the picture."""

    def __init__(self, start_of):
        self.start_of, self.table, self.bars = start_of, [], []
        self.headed = None

    def note(self, name, programs, figure, values, bar=None, take=statistics.median, is_least=False):
        """A row for the TSV. NAME: work and part; PROGRAMS: ours and the other, which may be ''.
        Gives bar and verdict as text."""
        if not values:
            return ''
        value = take(values)
        row = [*name, *programs, figure] + ['%.4g' % v for v in (value, min(values), max(values))]
        if bar is None:
            self.table.append(row + ['', ''])
            return ''
        is_reached = value >= bar if is_least else value <= bar
        said = 'reached' if is_reached else 'NOT REACHED'
        self.table.append(row + ['%g' % bar, said])
        return '%s %-4g %s' % ('>=' if is_least else '<=', bar, said)

    # ---- a piece of work ----

    def starts(self):
        print('\na start, CPU ms: ' + ', '.join('%s %.0f' % (program, cost * 1000)
                                              for program, cost in self.start_of.items()))
        for program, cost in self.start_of.items():
            self.note(('start-up', ''), (program, ''), 'cpu s', [cost])

    def works(self, all_works):
        for work in all_works:
            if not work.part:
                self.block(work, [w for w in all_works if w.name == work.name and w.part])

    def head(self, work):
        if self.headed != (work.first, work.beside):
            print('\n' + ROW % ('median and spread of', 'CPU', 'wall', 'peak memory', 'bytes',
                                work.beside, 'bar for %s' % work.first))
            print(ROW % ('', '', '', '', '', 'CPU', 'CPU'))
        self.headed = (work.first, work.beside)
        print('\n' + work.name)

    def block(self, work, parts):
        self.head(work)
        for other in work.runs:
            if other not in (work.first, work.beside):
                self.against(work, other)
                for part in parts:
                    self.line(part, other, '   ' + part.part, None)
        self.line(work, work.beside, ' %s / %s' % (work.first, work.beside), None)
        self.themselves(work)

    def against(self, work, other):
        bar, got = work.bars.get(other), ratios(work, work.first, other)
        self.line(work, other, ' %s / %s' % (work.first, other), bar)
        if bar:
            self.bars.append((work.name, other, statistics.median(got), min(got), max(got), bar))
        if other in work.n_starts:
            self.line_of_cpu(work, other, '   without start-up', 'cpu without start-up', self.start_of)

    def line(self, work, other, label, bar):
        """Nothing where OTHER has no part in this WORK."""
        if other not in work.runs:
            return
        name, pair = (work.name, work.part), (work.first, other)
        got = [ratios(work, *pair, figure) for figure in FIGURES]
        said = [self.note(name, pair, figure, some, bar if figure == 'cpu' else None)
                for figure, some in zip(FIGURES, got)]
        beside = ratios(work, work.beside, other) if other != work.beside else []
        self.note(name, (work.beside, other), 'cpu', beside)
        print(ROW % (label, cell(got[0]), cell(got[1]), cell(got[2]), middle(got[3]),
                     middle(beside), said[0]), flush=True)

    def line_of_cpu(self, work, other, label, figure, start_of):
        got = [ratios(work, ours, other, 'cpu', start_of) for ours in (work.first, work.beside)]
        for ours, some in zip((work.first, work.beside), got):
            self.note((work.name, work.part), (ours, other), figure, some)
        print(ROW % (label, cell(got[0]), '', '', '', middle(got[1]), ''))

    def themselves(self, work):
        """What the ratios are ratios of; those of the others are in the TSV only."""
        for program, costs in work.rounds.items():
            got = [[getattr(cost, figure) / unit for cost in costs]
                   for figure, (_, unit) in zip(FIGURES, UNITS)]
            for (figure, _), some in zip(UNITS, got):
                self.note((work.name, work.part), (program, ''), figure, some)
            if program == work.first:
                print(ROW % (' %s: s s MiB MB' % program, cell(got[0]), cell(got[1]), cell(got[2]),
                             middle(got[3]), '', ''))

    # ---- what is measured once ----

    def once(self, name, programs, figure, values, bar=None, take=statistics.median, is_least=False):
        """A line of its own; TAKE chooses which of VALUES the bar is for."""
        said = self.note((name, ''), programs, figure, values, bar, take, is_least)
        spread = '%s..%s' % (number(min(values)), number(max(values))) if len(values) > 1 else ''
        print(ROW_ONCE % (name, '%s, %s' % (figure, ' / '.join(p for p in programs if p)),
                          number(take(values)), spread, said), flush=True)

    def write(self, path):
        with open(path, 'w') as tsv:
            tsv.write(COLUMNS)
            tsv.writelines('\t'.join(row) + '\n' for row in self.table)
