"""The ratios as a picture: a bar for each, a tick where it is to end, a line for its spread."""
from xml.sax.saxutils import escape

ROW, LEFT, WIDE, TOP = 26, 330, 460, 40
REACHED, MISSED, SPREAD = '#2f7d4f', '#b4532a', '#222'


def draw(path, bars):
    """BARS: (work, other, median, low, high, bar), all of them darkroom / other."""
    full = max([max(b[4], b[5]) for b in bars] + [1.0])

    def x(value):
        return LEFT + WIDE * value / full
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" '
           'font-size="13">' % (LEFT + WIDE + 70, TOP + ROW * len(bars) + 20),
           '<rect width="100%" height="100%" fill="#fff"/>',
           '<text x="12" y="22" font-size="15">CPU time, darkroom / the other (shorter is better; '
           'the tick is the bar)</text>']
    for i, (work, other, median, low, high, bar) in enumerate(bars):
        y = TOP + ROW * i
        middle = y + 9
        out += ['<text x="12" y="%d">%s</text>' % (y + 14, escape('%s / %s' % (work, other))),
                '<rect x="%d" y="%d" width="%.1f" height="18" fill="%s"/>' %
                (LEFT, y, x(median) - LEFT, REACHED if median <= bar else MISSED),
                '<path d="M%.1f %d H%.1f" stroke="%s"/>' % (x(low), middle, x(high), SPREAD),
                '<path d="M%.1f %d v22" stroke="%s" stroke-width="2"/>' % (x(bar), y - 2, SPREAD),
                '<text x="%.1f" y="%d">%.2f</text>' %
                (max(x(high), x(bar)) + 6, y + 14, median)]
    with open(path, 'w') as f:
        f.write('\n'.join(out) + '\n</svg>\n')
