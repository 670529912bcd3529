#!/usr/bin/env python3
"""faults.py [--all] [CALL...]: the n-th call of the master, and of a worker, fails as a sick machine's would,
n = 1, 2, 3 ... until there is no n-th. No picture may be blamed, nothing lost or doubled, and the
daemon goes on by itself, or says at its start why not.

In make check each call (of those that come by the hundred only some) fails once, with one errno in
turn; --all tries every errno, once and three times in a row. Names of calls may follow, and
bad-spot, the one original that cannot be read.
"""
import collections
import os
import shutil
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import kit

ERRNOS = ("ENOSPC", "EDQUOT", "EIO", "EROFS", "EMFILE", "EINTR", "EACCES")
# What a call can fail with: no disk is asked for room by an unlink, and so on.
CALLS = {
    "open": ERRNOS,
    "write": ("ENOSPC", "EDQUOT", "EIO", "EINTR"),
    "fsync": ("ENOSPC", "EDQUOT", "EIO", "EROFS", "EINTR"),
    "renameat": ("ENOSPC", "EDQUOT", "EIO", "EROFS", "EACCES"),
    "renameat2": ("ENOSPC", "EDQUOT", "EIO", "EROFS", "EACCES"),
    "linkat": ("ENOSPC", "EDQUOT", "EIO", "EROFS", "EACCES"),
    "unlinkat": ("ENOSPC", "EDQUOT", "EIO", "EROFS", "EACCES"),
    "mkdirat": ("ENOSPC", "EDQUOT", "EIO", "EROFS", "EACCES"),
    "read": ("EIO", "EINTR"),
    "close": ("ENOSPC", "EDQUOT", "EIO", "EINTR"),
    "stat": ("EIO", "EACCES"),
}
WHERE = {"master": [call for call in CALLS if call != "fsync"],  # that is left to the syncer
         "worker": ("read", "write", "fsync"),  # it opens, renames and removes nothing
         "syncer": ("fsync", "close")}
ARGUMENTS = [word for word in sys.argv[1:] if word != "--all"]
ALL = "--all" in sys.argv
STRIDE = {} if ALL else {"open": 9, "stat": 17, "close": 29}  # there are hundreds
TIMES = (1, 3) if ALL else (1,)
PARALLEL = int(os.environ.get("FAULT_PARALLEL", "24"))  # they mostly wait
ON_AGAIN_S = float(os.environ.get("FAULT_ON_AGAIN_S", "25"))
DAEMON = kit.program("darkroomd", "DARKROOMD")
SHIM = kit.program("tests/crash/fault.so", "FAULT_SO")
PICTURES = {"trip/a.jpg": kit.sample("jpeg/17x17.jpg"), "b.png": kit.sample("png/basn2c08.png")}


def cases_of(where, call, n):
    fit = CALLS[call]
    if ALL:
        return [(where, call, n, error, times) for error in fit for times in TIMES]
    return [(where, call, n, fit[n // 2 % len(fit)], 1)]


class Faults:
    def __init__(self):
        self.expected = kit.Expected()
        self.expected.learn(DAEMON, PICTURES)
        self.n_faults = collections.Counter()
        self.n_wrong = collections.Counter()
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

    def goes_on(self, spool, child, n_before):
        """What is wrong with how the daemon took it; and was its start refused?"""
        if not kit.wait_for(ON_AGAIN_S, lambda: self.is_over(spool, child)):
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

    def start(self, spool, where, call, **more):
        with open(spool.root + ".count", "wb") as file:
            file.write(bytes(16))
        env = dict(more, LD_PRELOAD=SHIM, FAULT_CALL=call, FAULT_IN=where, FAULT_LOG=spool.root + ".faults",
                   FAULT_COUNT=spool.root + ".count")
        if where == "master":
            env["FAULT_BELOW"] = spool.root
        if call == "linkat":
            env["FAULT_LINK_ONLY"] = "1"
        return spool.start("-o", "workers.count=1", "-o", "spool.rescan=3s",
                           "-o", "spool.poll_interval=1s", env=env)

    def counts(self, spool):
        """Calls that failed, and that could have."""
        with open(spool.root + ".count", "rb") as file:
            return [int.from_bytes(file.read(8), sys.byteorder) for _ in range(2)]

    def forget(self, spool):
        for path in (spool.log, spool.root + ".faults", spool.root + ".count"):
            if os.path.exists(path):
                os.unlink(path)
        shutil.rmtree(spool.root)

    def n_calls(self, where, call):
        """How many there are when nothing is wrong."""
        spool, _ = self.spool()
        self.goes_on(spool, self.start(spool, where, call, FAULT_ERRNO="EIO", FAULT_NTH=str(1 << 30)), 0)
        n_met = self.counts(spool)[1]
        self.forget(spool)
        return n_met

    def one(self, where, call, n, error, times):
        spool, wanted = self.spool()
        n_before = os.path.getsize(spool.log)
        child = self.start(spool, where, call, FAULT_ERRNO=error, FAULT_NTH=str(n), FAULT_TIMES=str(times))
        wrong, has_refused = self.goes_on(spool, child, n_before)
        status = spool.once()
        wrong += [] if status == 0 else ["the next start ended with %s" % status]
        wrong += kit.lost_or_doubled(spool, self.expected, wanted)
        wrong += kit.unfinished(spool, self.expected)
        n_failed = self.counts(spool)[0]
        if n_failed > 0 or wrong:
            told = spool.root + ".faults"
            what = open(told).readline().strip() if os.path.exists(told) else call
            with self.lock:
                self.n_faults[where, call, error] += n_failed
                self.n_wrong[where, call, error] += bool(wrong)
                self.refused += has_refused
                if not kit.ok(not wrong, "%s, call %d (%s): %d x %s: %s" % (
                        where, n, what, times, error, "; ".join(wrong)), quiet=True):
                    print(spool.log_end())
        self.forget(spool)

    def all_cases(self, pool, calls):
        """Of every n that there is, and some more, since a fault makes for more calls."""
        numbers = pool.map(lambda pair: self.n_calls(*pair), calls)
        for (where, call), n_calls in zip(calls, numbers):
            kit.ok(n_calls > 0, "%s: %d x %s without a fault" % (where, n_calls, call))
            stride = STRIDE.get(call, 1) * (3 if kit.BRIEF and not ALL else 1)
            for n in range(1, n_calls + (8 if ALL else 2), stride):
                yield from cases_of(where, call, n)

    def cell(self, where, call, error):
        if error not in CALLS[call]:
            return "-"
        return "%d/%d" % (self.n_faults[where, call, error], self.n_wrong[where, call, error])

    def show(self):
        kit.note("calls that failed / runs that went wrong; -: not with that errno")
        kit.note("%-8s %-10s %s" % ("in", "call", " ".join("%7s" % e for e in ERRNOS)))
        for where, call in sorted({key[:2] for key in self.n_faults}):
            kit.note("%-8s %-10s %s" % (where, call, " ".join(
                "%7s" % self.cell(where, call, error) for error in ERRNOS)))
        kit.note("faults: %d; the start was refused with a message: %d" %
                 (sum(self.n_faults.values()), self.refused))


def bad_spot():
    """One original cannot be read: it is not blamed, and the others do not wait for it."""
    sick, others = kit.sample("jpeg/444.jpg"), {"b%d.jpg" % i: kit.comment(
        PICTURES["trip/a.jpg"], b"%d" % i) for i in range(6)}
    expected = kit.Expected()
    expected.learn(DAEMON, {"a.jpg": sick, "b.jpg": PICTURES["trip/a.jpg"]})
    spool = kit.Spool(DAEMON, kit.fresh_folder())
    spool.drop("a.jpg", sick)
    for rel, data in others.items():
        expected.same(data, PICTURES["trip/a.jpg"])
        spool.drop(rel, data)
    wanted = {name for _, _, name in spool.originals()}
    child = spool.start("-o", "workers.count=1", env={
        "LD_PRELOAD": SHIM, "FAULT_IN": "worker", "FAULT_CALL": "read", "FAULT_ERRNO": "EIO",
        "FAULT_EVERY": "1", "FAULT_SIZE": str(len(sick))})
    kit.ok(kit.wait_for(kit.END_S, lambda: len(kit.files(spool.path("done"))) == len(others)),
           "a bad spot below one original: the others are done")
    kit.ok(not kit.files(spool.path("failed")), "a bad spot: nobody is blamed")
    child.terminate()
    kit.ok(child.wait(kit.END_S) == 0, "a bad spot: the daemon ends well")
    spool.once()
    wrong = kit.lost_or_doubled(spool, expected, wanted) + kit.unfinished(spool, expected)
    kit.ok(not wrong, "the spot can be read again: all is done %s" % "; ".join(wrong))


def main():
    kit.fresh_folder(in_memory=True)
    faults = Faults()
    calls = [(where, call) for where, names in WHERE.items() for call in names
             if not ARGUMENTS or call in ARGUMENTS]
    with ThreadPoolExecutor(PARALLEL) as pool:
        for _ in pool.map(lambda case: faults.one(*case), list(faults.all_cases(pool, calls))):
            pass
    faults.show()
    if not ARGUMENTS or "bad-spot" in ARGUMENTS:
        bad_spot()
    kit.finish()


main()
