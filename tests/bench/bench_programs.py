"""The programs that bench.py sets side by side: how each is told its work, and what that costs.

convert is darkroom convert, the daemon is darkroomd on a folder; engine is what one worker does and
nothing else, in one process. vips and gm are the others; djpeg and libpng only read: the floor.
"""
import collections
import os
import shutil
import subprocess
import sys
import time

from bench_files import jpeg_size

SIZES = ('2048', '1024', '512', '320')
DAEMON_PATIENCE_S = 600
DAEMON_LOOK_S = 0.05

# CPU and wall time in seconds, the peak of the largest process in KiB, the results in bytes.
Cost = collections.namedtuple('Cost', 'cpu wall peak size')


def scale_for(path, size):
    """The reduction that djpeg may use where twice SIZE is to be left."""
    width, height = jpeg_size(path)
    for n in (8, 4, 2):
        if max(width, height) / n >= 2 * int(size):
            return '1/%d' % n
    return '1/1'


def bytes_below(folder):
    return sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(folder)
               for name in names)


class Programs:
    """A list of commands for one piece of work from convert(), engine() ...; run() measures them."""

    def __init__(self, build, work, photographs):
        self.build, self.work, self.photographs = build, work, photographs
        self.out = os.path.join(work, 'results')
        self.env = dict(os.environ, DARKROOMD=os.path.join(build, 'darkroomd'))

    def folder(self, program):
        return os.path.join(self.out, program)

    def tool(self, name):
        return os.path.join(self.build, 'tests/bench', name)

    def result(self, program, source, size, extension):
        stem = os.path.splitext(os.path.basename(source))[0]
        form = '%s/s%s/%s.%s' if program == 'convert' else '%s/%s_%s.%s'
        middle = (size, stem) if program == 'convert' else (stem, size)
        return form % ((self.folder(program),) + middle + (extension,))

    # ---- how each of them is told ----

    def config(self, sizes, form, quality):
        """The configuration of these renditions; workers as urgent as the others are."""
        path = os.path.join(self.work, 'bench.ini')
        with open(path, 'w') as f:
            for size in sizes:
                f.write('[rendition s%s]\nsize = %sx%s\nformat = %s\nquality = %d\n\n' %
                        (size, size, size, form, quality))
            f.write('[profile default]\nrenditions = %s\n\n[workers]\nnice = 0\n' %
                    ', '.join('s' + size for size in sizes))
        return path

    def convert(self, files, sizes, form, quality):
        return [[os.path.join(self.build, 'darkroom'), '-c', self.config(sizes, form, quality),
                 'convert'] + files + [self.folder('convert')]]

    def engine(self, files, sizes, form, quality):
        return [[self.tool('develop_files'), '-s', ','.join(sizes), '-f', form, '-q', str(quality),
                 self.folder('engine')] + files]

    def vips(self, files, sizes, form, quality):
        style = '%s/%%s_%s.jpg[Q=%d,optimize_coding,strip]' if form == 'jpeg' else \
            '%s/%%s_%s.png[strip]'
        to = self.folder('vips')
        return [['vipsthumbnail', '-s', '%sx%s' % (s, s), '-o',
                 style % ((to, s, quality) if form == 'jpeg' else (to, s))] + files for s in sizes]

    def gm(self, files, sizes, form, quality):
        how = ['-format', 'jpg', '-quality', str(quality)] if form == 'jpeg' else \
            ['-format', 'png']
        names = [os.path.relpath(f, self.photographs) for f in files]  # it appends them to the folder
        commands = []
        for s in sizes:
            to = os.path.join(self.folder('gm'), s)
            os.makedirs(to)
            commands.append(['gm', 'mogrify', '-output-directory', to, '-size', '%sx%s' % (s, s),
                             '-resize', '%sx%s' % (s, s)] + how + names)
        return commands

    def djpeg(self, files, sizes, _form, _quality):
        """SIZES: () decodes all of it, one size as few pixels as that one needs."""
        return [['djpeg', '-scale', scale_for(f, sizes[0]) if sizes else '1/1',
                 '-outfile', '/dev/null', f] for f in files]

    def libpng(self, files, _sizes, _form, _quality):
        return [[self.tool('png_read')] + files]

    # ---- what it costs ----

    def start(self, command, stderr=None):
        """COMMAND below measure.c: the process, and the file that will say what it cost."""
        told, tells = os.pipe()
        child = subprocess.Popen([self.tool('measure'), str(tells)] + command, pass_fds=(tells,),
                                 stdout=subprocess.DEVNULL, stderr=stderr, env=self.env,
                                 cwd=self.photographs)
        os.close(tells)
        return child, os.fdopen(told)

    def end(self, child, told, command):
        """(CPU seconds, wall seconds, peak KiB)."""
        with told:
            said = told.read().split()
        if child.wait() != 0:
            sys.exit('bench: this failed: %s' % ' '.join(command[:6]))
        return float(said[0]), float(said[1]), int(said[2])

    def run(self, program, files, sizes=(), form='jpeg', quality=82):
        """The Cost of PROGRAM, all of its commands together."""
        folder = self.folder(program)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        got = [self.end(*self.start(command), command)
               for command in getattr(self, program)(files, sizes, form, quality)]
        return Cost(sum(g[0] for g in got), sum(g[1] for g in got), max(g[2] for g in got),
                    bytes_below(folder))

    def run_daemon(self, files, sizes, quality=82):
        """The Cost of the daemon on a folder with copies of FILES; wall: until the last is done."""
        root = os.path.join(self.work, 'spool')
        shutil.rmtree(root, ignore_errors=True)
        os.makedirs(os.path.join(root, 'inbox'))
        for path in files:
            shutil.copy(path, os.path.join(root, 'inbox'))
        command = [os.path.join(self.build, 'darkroomd'), '-r', root, '-c',
                   self.config(sizes, 'jpeg', quality)]
        begin = time.monotonic()
        with open(os.path.join(self.work, 'darkroomd.log'), 'w') as log:
            child, told = self.start(command, log)
        self.wait_for_daemon(child, os.path.join(root, 'done'), len(files), begin)
        wall = time.monotonic() - begin
        child.terminate()
        cpu, _, peak = self.end(child, told, command)
        return Cost(cpu, wall, peak, bytes_below(os.path.join(root, 'out')))

    def wait_for_daemon(self, child, done, n, begin):
        while not os.path.isdir(done) or len(os.listdir(done)) < n:
            time.sleep(DAEMON_LOOK_S)
            if child.poll() is not None or time.monotonic() - begin > DAEMON_PATIENCE_S:
                child.terminate()
                sys.exit('bench: the daemon did not develop them; see %s/darkroomd.log' % self.work)

    def distances(self, source, results):
        """PSNR in dB of the luma of RESULTS to SOURCE reduced by quality.c."""
        got = subprocess.run([self.tool('quality'), source] + results, stdout=subprocess.PIPE,
                             check=True, text=True)
        return [float(line.split()[0]) for line in got.stdout.splitlines()]
