#!/usr/bin/env python3
"""faults.py: the n-th open, write, fsync, rename, unlink, mkdir of the master, and the n-th write
and fsync of a worker, fails once as a sick machine's would, n = 1, 2, 3 ... No picture may be
blamed, nothing lost or doubled, and the daemon goes on by itself, or says at its start why not.
Then a disk that is full, and has room again (root only).

In make check each call (of open each third) fails with one errno in turn; FAULT_ALL=1 tries all.
"""
import collections
import itertools
import os
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import kit

ERRNOS = ("ENOSPC", "EIO", "EDQUOT", "EROFS", "EMFILE", "EINTR", "EACCES")
CALLS = ("open", "write", "fsync", "renameat", "renameat2", "unlinkat", "mkdirat")
# What a call can fail with: no disk is asked for room by an unlink, and so on.
NEVER = {"renameat": ("EINTR", "EMFILE"), "renameat2": ("EINTR", "EMFILE"),
         "unlinkat": ("EINTR", "EMFILE"), "mkdirat": ("EINTR", "EMFILE"),
         "write": ("EMFILE", "EROFS", "EACCES"), "fsync": ("EMFILE", "EACCES")}
# How far the n goes: a worker cannot tell how many it made. The first of them are those of its
# start, and then it does not come up: those do not count.
IN_WORKER = {"write": 14, "fsync": 4}
ALL = "FAULT_ALL" in os.environ
STRIDE = 1 if ALL else 11 if kit.BRIEF else 3  # there are hundreds of open()
PARALLEL = int(os.environ.get("FAULT_PARALLEL", "6"))  # they mostly wait
ON_AGAIN_S = float(os.environ.get("FAULT_ON_AGAIN_S", "15"))
DAEMON = kit.program("darkroomd", "DARKROOMD")
SHIM = kit.program("tests/crash/fault.so", "FAULT_SO")
PICTURES = {"trip/a.jpg": kit.sample("jpeg/17x17.jpg"), "b.png": kit.sample("png/basn2c08.png")}


def errnos_for(call, n):
    fit = [e for e in ERRNOS if e not in NEVER.get(call, ())]
    return fit if ALL else [fit[n // 2 % len(fit)]]


class Faults:
    def __init__(self):
        self.expected = kit.Expected()
        self.expected.learn(DAEMON, PICTURES)
        self.table = collections.Counter()
        self.refused = 0
        self.lock = threading.Lock()

    def spool(self):
        spool = kit.Spool(DAEMON, kit.fresh_folder())
        spool.once()
        for rel, data in PICTURES.items():
            spool.drop(rel, data)
        return spool, {name for _, _, name in spool.originals()}

    def is_over(self, spool, child):
        return child.poll() is not None or not (
            any(kit.files(spool.path(p)) for p in ("inbox", "processing")) or
            os.listdir(spool.path(".darkroom/jobs")))

    def is_broken(self, spool):
        with open(spool.log, errors="replace") as log:
            return "event=worker-broken" in log.read()

    def goes_on(self, spool, child, n_before):
        """What is wrong with how the daemon took it."""
        is_over = kit.wait_for(ON_AGAIN_S, lambda: self.is_over(spool, child) or self.is_broken(spool))
        if self.is_broken(spool):
            kit.kill_and_wait(child)
            return [], False
        if not is_over:
            kit.kill_and_wait(child)
            return ["it did not go on by itself within %g s" % ON_AGAIN_S], False
        if child.poll() is None:
            child.terminate()
            status = child.wait(kit.END_S)
            return [] if status == 0 else ["SIGTERM: it ended with %d" % status], False
        with open(spool.log, errors="replace") as log:
            said = log.read()[n_before:]
        if child.returncode == 1 and "event=started" not in said and said.strip():
            return [], True
        return ["it ended by itself with %d" % child.returncode], False

    def one(self, where, call, n, error):
        """False when the n-th call did not come."""
        spool, wanted = self.spool()
        told = spool.root + ".faults"
        n_before = os.path.getsize(spool.log)
        env = {"LD_PRELOAD": SHIM, "FAULT_CALL": call, "FAULT_ERRNO": error, "FAULT_NTH": str(n),
               "FAULT_IN": where, "FAULT_LOG": told}
        if where == "master":
            env["FAULT_BELOW"] = spool.root
        child = spool.start("-o", "workers.count=1", "-o", "spool.rescan=3s", env=env)
        wrong, has_refused = self.goes_on(spool, child, n_before)
        has_come = not self.is_broken(spool) if where == "worker" else os.path.exists(told)
        status = spool.once()
        wrong += [] if status == 0 else ["the next start ended with %s" % status]
        wrong += kit.lost_or_doubled(spool, self.expected, wanted)
        wrong += kit.unfinished(spool, self.expected)
        if has_come or wrong:
            told_what = open(told).read().strip() if os.path.exists(told) else call
            with self.lock:
                self.table[where, call, error] += 1
                self.refused += has_refused
                if not kit.ok(not wrong, "%s, call %d (%s): %s: %s" % (where, n, told_what, error,
                                                                   "; ".join(wrong)), quiet=True):
                    print(spool.log_end())
        for path in (spool.log, told):
            if os.path.exists(path):
                os.unlink(path)
        shutil.rmtree(spool.root)
        return has_come

    def all_of(self, pool, where, call):
        stride = STRIDE if call == "open" else 1
        for first in itertools.count(1, PARALLEL * stride):
            numbers = range(first, first + PARALLEL * stride, stride)
            if where == "worker" and first > IN_WORKER[call]:
                return
            cases = [(where, call, n, error) for n in numbers for error in errnos_for(call, n)]
            if not all(pool.map(lambda case: self.one(*case), cases)) and where == "master":
                return

    def show(self):
        kit.note("%-8s %-10s %s" % ("in", "call", " ".join("%7s" % e for e in ERRNOS)))
        for where, call in sorted({key[:2] for key in self.table}):
            kit.note("%-8s %-10s %s" % (where, call, " ".join(
                "%7d" % self.table[where, call, error] for error in ERRNOS)))
        kit.note("faults: %d; the start was refused with a message: %d" %
                 (sum(self.table.values()), self.refused))


# ---- a full disk ----------------------------------------------------------------------------

def status_says(spool, word):
    try:
        with open(spool.path("STATUS")) as file:
            return word in file.read()
    except FileNotFoundError:
        return False


def fill(path, leave):
    room = os.statvfs(os.path.dirname(path))
    with open(path, "wb") as file:
        file.write(bytes(room.f_bavail * room.f_frsize - leave))


def full_disk():
    mount = kit.fresh_folder()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", mount],
                                           capture_output=True).returncode != 0:
        kit.note("skipped: a full disk (mounting a tmpfs needs root)")
        return
    try:
        picture = kit.sample("photo/flower.jpg")
        expected = kit.Expected()
        expected.learn(DAEMON, {"flower.jpg": picture})
        spool = kit.Spool(DAEMON, os.path.join(mount, "spool"))
        spool.log = mount + ".log"
        spool.once()
        spool.drop("flower.jpg", picture)
        wanted = {name for _, _, name in spool.originals()}
        fill(os.path.join(mount, "filler"), 96 << 10)
        child = spool.start()
        kit.ok(kit.wait_for(15, lambda: status_says(spool, "blocked")), "a full disk: STATUS says blocked")
        kit.ok(not kit.files(spool.path("failed")), "a full disk: nobody is blamed")
        os.unlink(os.path.join(mount, "filler"))
        kit.ok(kit.wait_for(10, lambda: kit.files(spool.path("done"))), "it goes on within 10 s of room")
        kit.ok(kit.wait_for(15, lambda: not status_says(spool, "blocked")), "and STATUS says so")
        child.terminate()
        kit.ok(child.wait(kit.END_S) == 0, "the daemon ends well")
        wrong = kit.lost_or_doubled(spool, expected, wanted) + kit.unfinished(spool, expected)
        kit.ok(not wrong, "after a full disk: %s" % "; ".join(wrong))
        if wrong or kit.n_failed:
            print(spool.log_end(20))
    finally:
        subprocess.run(["umount", "-l", mount])


def main():
    kit.fresh_folder(in_memory=True)
    faults = Faults()
    with ThreadPoolExecutor(PARALLEL * (len(ERRNOS) if ALL else 1)) as pool:
        for call in CALLS:
            faults.all_of(pool, "master", call)
        for call in IN_WORKER:
            faults.all_of(pool, "worker", call)
    faults.show()
    full_disk()
    kit.finish()


main()
