#!/usr/bin/env python3
"""stop.py [TRIES [MEGAPIXELS]]: how long after STOP is no worker busy any more?

TRIES times (200) at a random moment of the development of pictures of at least so many MEGAPIXELS
(40), with inotify and polled. Busy is a worker that holds a file of processing/ open, as the
kernel has it in /proc; it is looked at every millisecond. A try counts when one was busy at the
moment of STOP. A measurement, no test: what else the machine does is in it.
"""
import os
import random
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "../flow"))
from arrival import PATIENCE_S, Mode, kit  # noqa: E402

N_WAITING = 6        # pictures kept in the inbox
LOOK_S = 0.001
BAR_MS = 250         # without polling, on an idle machine
CONTROL_POLL_MS = 1000
MODES = (("inotify", []), ("poll", ["-o", "spool.watch=poll", "-o", "spool.poll_interval=1s"]))


def children(pid):
    found = []
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/children" % (pid, task)) as file:
            found += [int(child) for child in file.read().split()]
    return found


def is_busy(worker, processing):
    """Gone, or without a picture: not busy."""
    folder = "/proc/%d/fd" % worker
    try:
        return any(os.readlink("%s/%s" % (folder, fd)).startswith(processing) for fd in os.listdir(folder))
    except OSError:
        return False


class Queue:
    def __init__(self, mode, picture):
        self.mode, self.picture, self.n = mode, picture, 0
        self.processing = mode.spool.path("processing") + "/"
        self.stop_file = mode.spool.path("STOP")

    def fill(self):
        inbox = self.mode.spool.path("inbox")
        while len(os.listdir(inbox)) < N_WAITING:
            self.n += 1
            os.link(self.picture, os.path.join(inbox, "big-%d.jpg" % self.n))

    def busy(self):
        return [worker for worker in children(self.mode.daemon.pid) if is_busy(worker, self.processing)]

    def empty_done(self):
        for place in ("done", "out/web", "out/thumb"):
            folder = self.mode.spool.path(place)
            for name in os.listdir(folder) if os.path.isdir(folder) else ():
                os.unlink(os.path.join(folder, name))

    def one(self, rng, span_s):
        """Milliseconds from STOP until nobody is busy; None: nobody was, just then."""
        self.empty_done()
        self.fill()
        if not kit.wait_for(PATIENCE_S, self.busy):
            sys.exit("no worker becomes busy: " + self.mode.spool.log_end())
        time.sleep(rng.random() * span_s)
        workers = self.busy()
        if not workers:
            return None
        open(self.stop_file, "w").close()
        begun = time.monotonic()
        while any(is_busy(worker, self.processing) for worker in workers):
            if time.monotonic() - begun > PATIENCE_S:
                sys.exit("a worker is busy %d s after STOP" % PATIENCE_S)
            time.sleep(LOOK_S)
        took_ms = (time.monotonic() - begun) * 1000
        if self.busy():
            sys.exit("another worker became busy under STOP")
        os.unlink(self.stop_file)
        return took_ms


def develop_time(queue):
    """Seconds that one picture takes."""
    queue.fill()
    done = queue.mode.spool.path("done")
    begun = time.monotonic()
    if not kit.wait_for(PATIENCE_S, lambda: len(os.listdir(done)) >= 2):
        sys.exit("nothing is developed: " + queue.mode.spool.log_end())
    return (time.monotonic() - begun) / 2


def measure(name, options, picture, n_tries, rng):
    mode = Mode(name, kit.fresh_folder(), ["-o", "spool.min_free=0", *options], bool(options))
    os.link(picture, os.path.join(mode.disk, "big.jpg"))
    if not mode.start():
        sys.exit("the daemon does not start: " + mode.spool.log_end())
    queue = Queue(mode, os.path.join(mode.disk, "big.jpg"))
    span_s = develop_time(queue)
    took = []
    while len(took) < n_tries:
        ms = queue.one(rng, span_s)
        if ms is not None:
            took.append(ms)
    mode.stop()
    took.sort()
    bar_ms = BAR_MS + (CONTROL_POLL_MS if options else 0)
    print("| %s | %d | %.1f | %.0f | %.0f | %.0f | %d %s |" % (
        name, len(took), span_s, statistics.median(took), took[int(len(took) * 0.95)], took[-1], bar_ms,
        "met" if took[-1] < bar_ms else "MISSED"), flush=True)


def main():
    n_tries = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    megapixels = sys.argv[2] if len(sys.argv) > 2 else "40"
    picture = os.path.join(kit.fresh_folder(), "big.jpg")
    subprocess.run([sys.executable, "-B", os.path.join(HERE, "../flow/make_images.py"), "big", picture,
                    megapixels, os.path.join(kit.SAMPLES, "photo/dunes.jpg")], check=True)
    seed = int(os.environ.get("STOP_SEED", "1"))
    print("| mode | tries | s a picture | median ms | 95 % ms | worst ms | bar ms |\n|---|---|---|---|---|---|---|")
    for name, options in MODES:
        measure(name, options, picture, n_tries, random.Random(seed))
    kit.shutil.rmtree(kit.scratch)


main()
