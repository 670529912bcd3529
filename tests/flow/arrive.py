#!/usr/bin/env python3
"""arrive.py [WAY...]: a photograph arrives in every way, under every way of watching.

Each is developed once, whole, soon, and its copier ends well (arrival.py says what is counted).
ARRIVE_RUNS=N repeats each way N times, a few at a time so that nobody waits for a worker (make
nightly); ARRIVE_MODES="inotify poll bindfs" chooses. Polled, only time tells that a file which has
its end is whole: the stalls of the ways that write the end first are then shorter than settle,
which is 5 s there as it is with the defaults (it is never less than poll_interval).
"""
import concurrent.futures
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys

from arrival import START_S, Arrival, Mode, Skipped, kit
import ways
import ways_smb

RUNS = int(os.environ.get("ARRIVE_RUNS", "1"))
IS_LONG = RUNS > 2
AT_ONCE = int(os.environ.get("ARRIVE_AT_ONCE", "6" if IS_LONG else "48"))
POLLED = ["-o", "spool.poll_interval=500ms", "-o", "spool.settle=5s"]
# Nothing comes to the help of an event that was missed, or of a judgement that was too careful.
# Each arrival's photograph has a comment of its own, and results are compared with those of another.
COMMON = ["-o", "spool.rescan=1h", "-o", "spool.incomplete=1h", "-o", "spool.min_free=0",
          "-o", "rendition web.metadata=none", "-o", "rendition thumb.metadata=none"]
mounts = {}  # folder: the process that serves it
COLUMNS = ("missed", "early", "twice", "torn", "copier")


def make_modes():
    wanted = os.environ.get("ARRIVE_MODES", "inotify poll bindfs").split()
    modes = []
    for name in wanted:
        disk = kit.fresh_folder()
        if name == "bindfs":
            disk = mount_fuse(disk)
            if disk is None:
                continue
        options = COMMON + (POLLED if name != "inotify" else ["-o", "spool.poll_interval=1h"]) + \
            (["-o", "spool.watch=poll"] if name == "poll" else [])
        modes.append(Mode(name, disk, options, name != "inotify"))
    return modes


def mount_fuse(disk):
    """DISK seen through bindfs: a file system that tells nothing of itself. None: not here."""
    if shutil.which("bindfs") is None or not os.path.exists("/dev/fuse"):
        kit.note("bindfs is left out: it, or /dev/fuse, is not here")
        return None
    seen = kit.fresh_folder()
    server = subprocess.Popen(["bindfs", "-f", disk, seen])
    if not kit.wait_for(START_S, lambda: os.path.ismount(seen) or server.poll() is not None) or \
            server.poll() is not None:
        kit.note("bindfs is left out: it cannot mount here")
        return None
    mounts[seen] = server
    return seen


def unmount():
    for seen, server in mounts.items():
        subprocess.run(["fusermount", "-u", "-z", seen])
        server.wait()


# ---- one mode ------------------------------------------------------------------------------

def reference(mode):
    """The digests of the results that an undisturbed daemon makes of the photograph."""
    spool = kit.Spool(mode.spool.daemon, kit.fresh_folder())
    spool.drop("photo.jpg", kit.sample("photo/lantern.jpg"))
    kit.ok(spool.once(options=COMMON) == 0, "the reference is developed")
    counts = kit.tree.Counts()
    kit.tree.check_done(counts, spool.root)
    kit.ok(counts.failed == 0, "its %d checks by another decoder" % counts.passed)
    return {rendition: kit.digest(spool.path("out", rendition, "photo.jpg")) for rendition in kit.RENDITIONS}


def missing_program(way):
    return next((program for program in way.needs if shutil.which(program) is None), None)


def go_one(mode, way, number):
    program = missing_program(way)
    if program is not None:
        raise Skipped("%s is not installed" % program)
    return Arrival(mode, way, number).go()


def go_all(mode, chosen):
    """All runs of one mode. {way: [arrivals]}, {way: why it was left out}."""
    todo = [(way, number) for number in range(1, RUNS + 1) for way in chosen]
    if IS_LONG:
        random.shuffle(todo)
    arrived, left_out = {way: [] for way in chosen}, {}
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        futures = {pool.submit(go_one, mode, way, number): way for way, number in todo}
        for future in concurrent.futures.as_completed(futures):
            try:
                arrived[futures[future]].append(future.result())
            except Skipped as why:
                left_out[futures[future]] = str(why)
    return arrived, left_out


def judge(mode, arrived, results):
    rows = []
    for way, arrivals in arrived.items():
        if not arrivals:
            continue
        for arrival in arrivals:
            arrival.judge_end(results)
        took = [arrival.milliseconds() for arrival in arrivals if arrival.done_s is not None]
        row = [sum(values) for values in zip(*((a.is_missed, a.is_early, a.is_twice, a.is_torn,
                                                a.has_copier_failed) for a in arrivals))]
        kit.ok(not any(row), "%s, %s: %d times%s" % (
            way.title, mode.name, len(arrivals), "".join(
                "; %s %d" % (column, n) for column, n in zip(COLUMNS, row) if n > 0)), quiet=True)
        for arrival in arrivals:
            for remark in arrival.remarks:
                kit.note("%s/%s: %s" % (mode.name, arrival.folder, remark))
        rows.append((way.title, mode.name, len(arrivals), *row,
                     "%.0f" % statistics.median(took) if took else "-", "%.0f" % max(took) if took else "-"))
    return rows


def check_mode(mode):
    with open(mode.spool.path("status.json")) as status:
        said = json.load(status)["mode"]
    kit.ok(said.startswith("polling") == mode.is_polled, "%s: status.json says %s" % (mode.name, said))


def end_mode(mode):
    left = [rel for rel in kit.files(mode.spool.path("processing"))]
    kit.ok(not left, "%s: nothing is left in processing/ %s" % (mode.name, left[:3]))
    if not mode.is_polled:
        kit.ok(mode.log_has("event=watch-anew") == 0, "%s: the watching was never begun anew" % mode.name)
    mode.ends_well()


def print_table(rows):
    head = ("case", "mode", "runs", "missed", "touched early", "done twice", "torn", "copier failed",
            "median ms", "worst ms")
    kit.note("from whole to done/, in ms:")
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in sorted(rows, key=lambda row: (row[0], row[1])):
        print("| " + " | ".join(str(cell) for cell in row) + " |")


def print_left_out(left_out):
    """The same reason for many ways is one line."""
    why = {}
    for mode, ways_left in left_out.items():
        for way, reason in ways_left.items():
            why.setdefault((mode, reason), []).append(way.title)
    for (mode, reason), titles in sorted(why.items()):
        kit.note("left out under %s: %s (%s)" % (mode, "; ".join(titles), reason))


def run(modes, chosen):
    results = reference(modes[0])
    rows, left_out = [], {}
    for mode in modes:
        if not kit.ok(mode.start(), "%s: the daemon starts" % mode.name):
            return
        check_mode(mode)
    # In the long run one mode after the other; in the brief one their waits overlap.
    with concurrent.futures.ThreadPoolExecutor(1 if IS_LONG else len(modes)) as pool:
        ended = list(pool.map(lambda mode: go_all(mode, chosen), modes))
    for mode, (arrived, left) in zip(modes, ended):
        rows += judge(mode, arrived, results)
        left_out[mode.name] = left
        end_mode(mode)
    print_table(rows)
    print_left_out(left_out)


def main():
    names = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and the finally below
    chosen = [way for way in ways.WAYS if not names or way.__name__ in names]
    modes = make_modes()
    server = ways_smb.Server(kit.fresh_folder(), modes)
    try:
        run(modes, chosen)
    finally:
        for mode in modes:
            mode.stop()
        server.end()
        unmount()
    kit.finish()


main()
