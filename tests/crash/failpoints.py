#!/usr/bin/env python3
"""failpoints.py: SIGKILL of the daemon after every step that changes the disk, and again after
every step of the recovery that follows; then a plain start has to bring everything home.

The points are read from the sources (FAIL_AT); each must have been met. A second kill is left
out where disk and recovery are the same as after another first kill.
"""
import collections
import hashlib
import os
import re
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import kit

OCCURRENCES = int(os.environ.get("FAIL_OCCURRENCES", "1" if kit.BRIEF else "2"))   # of each point, as the first kill
PARALLEL = int(os.environ.get("FAIL_PARALLEL", "4"))  # they mostly wait
ALL = "FAIL_ALL" in os.environ  # second kills at every point in every scenario, not in the first
DAEMON = kit.program("tests/crash/darkroomd-failpoints", "DARKROOMD_FAILPOINTS")
LINK_ONLY = {"LD_PRELOAD": kit.program("tests/crash/fault.so", "FAULT_SO"),
             "FAULT_CALL": "renameat2", "FAULT_ERRNO": "EINVAL", "FAULT_EVERY": "1"}
SLOW = dict(LINK_ONLY, FAULT_CALL="open,stat,write,fsync", FAULT_DELAY_US="8000")

JPEG = kit.sample("jpeg/17x17.jpg")
PNG = kit.sample("png/basn2c08.png")
BAD = kit.sample("bad/12-bit.jpg")
OLD = kit.sample("orientation/F1.jpg")

# Where a scenario differs from the first, in which every pair of kills is tried.
SPECIFIC = ("claim.", "plan.", "jobdir.kept", "fsio.linked")
# They need a worker that dies (kill-storm.py), a flush that fails (faults.py).
UNMET = ("jobdir.part_dropped", "plan.withdrawn")


def points_in_sources():
    run = subprocess.run(["grep", "-rhoE", r'FAIL_AT\("[a-z_.]+"\)', os.path.join(kit.TOP, "src")],
                         capture_output=True, text=True, check=True)
    return sorted(set(re.findall(r'"(.*)"', run.stdout)))


class Table:
    """What became of the kills at each point, as the first and as the second."""

    def __init__(self):
        self.lock = threading.Lock()
        self.first = collections.Counter()
        self.second = collections.Counter()
        self.wrong = collections.Counter()
        self.tested = set()

    def is_new(self, signature):
        with self.lock:
            is_new = signature not in self.tested
            self.tested.add(signature)
            return is_new

    def count(self, which, point, wrong, what):
        with self.lock:
            which[point] += 1
            self.wrong[point] += bool(wrong)
            kit.ok(not wrong, "%s: %s" % (what, "; ".join(wrong)), quiet=True)

    def show(self):
        kit.note("%-24s %6s %6s %6s" % ("killed at", "first", "second", "wrong"))
        for point in points_in_sources():
            kit.note("%-24s %6d %6d %6d" % (point, self.first[point], self.second[point],
                                            self.wrong[point]))
        kit.note("%-24s %6d %6d %6d" % ("all", sum(self.first.values()),
                                        sum(self.second.values()), sum(self.wrong.values())))


def clone(source, target):
    """The same files under the same inodes: the job's record and plan know theirs. What the
    daemon writes it writes as a new file; only the locks must be apart."""
    for folder, _, names in os.walk(source):
        there = os.path.join(target, os.path.relpath(folder, source))
        os.makedirs(there, exist_ok=True)
        for name in names:
            put = shutil.copy2 if name == "locks" else os.link
            put(os.path.join(folder, name), os.path.join(there, name))


class Scenario:
    def __init__(self, name, table, expected, drops, env=None, prepare=None,
                 is_new=False, options=(), replaced=()):
        """REPLACED: the original that has to go when its successor is there, and not before."""
        self.name, self.table, self.expected = name, table, expected
        self.env, self.options = env or {}, options
        self.replaced = [hashlib.sha256(data).hexdigest() for data in replaced]
        self.has_all = is_new or ALL
        self.template = kit.fresh_folder()
        os.makedirs(os.path.join(self.template, "inbox"))
        spool = kit.Spool(DAEMON, self.template)
        if not is_new:
            spool.once()
        if prepare is not None:
            prepare(spool)
        for rel, data in drops.items():
            spool.drop(rel, data)
        self.wanted = {name for _, _, name in spool.originals()}

    def run(self, root, **env):
        spool = kit.Spool(DAEMON, root)
        trace = root + ".trace"
        status = spool.once(env=dict(self.env, DARKROOM_FAIL_LOG=trace, **env),
                            options=self.options)
        points = []
        if os.path.exists(trace):
            with open(trace) as file:
                points = file.read().split()
            os.unlink(trace)
        return spool, status, points

    def copy_of(self, root):
        copy = kit.fresh_folder()
        clone(root, copy)
        return copy

    def bring_home(self, spool):
        """A plain start: what is wrong afterwards, and the points that it passed."""
        _, status, points = self.run(spool.root)
        wrong = [] if status in (0, 1) else ["the recovery ended with %s" % status]
        wrong += self.lost_or_doubled(spool)
        wrong += kit.unfinished(spool, self.expected)
        wrong += ["not replaced"] * any(name in self.replaced for _, _, name in spool.originals())
        if wrong:
            print(spool.log_end())
        return wrong, points

    def kill_at(self, root, point, nth):
        spool, status, _ = self.run(root, DARKROOM_FAIL_AT="%s:%d" % (point, nth))
        if status != -9:
            return spool, None
        return spool, self.lost_or_doubled(spool)

    def lost_or_doubled(self, spool):
        wrong = kit.lost_or_doubled(spool, self.expected, self.wanted, self.replaced)
        there = {name: place for place, _, name in spool.originals()}
        if any(name not in there for name in self.replaced) and \
                any(there.get(name) != "done" for name in self.wanted if name not in self.replaced):
            wrong.append("replaced before its successor was there: %s" % there)
        return wrong

    def kill_first(self, point, nth):
        """[] or the second kills that are to be tried: (state of the disk, point)."""
        root = self.copy_of(self.template)
        spool, wrong = self.kill_at(root, point, nth)
        if wrong is None:
            shutil.rmtree(root)  # that late occurrence did not come this time
            return []
        state = self.copy_of(root)
        names = tuple(re.sub(r"-\d+-\d+", "", rel) for rel in kit.files(root)
                      if os.path.dirname(rel) != "" or rel.startswith("."))
        more, points = self.bring_home(spool)
        self.table.count(self.table.first, point, wrong + more,
                         "%s, killed at %s:%d" % (self.name, point, nth))
        shutil.rmtree(root)
        if kit.BRIEF or not (self.has_all or point.startswith(SPECIFIC)) or \
                not self.table.is_new((self.name, names, tuple(sorted(set(points))))):
            shutil.rmtree(state)
            return []
        return [(state, "%s:%d" % (point, nth), second) for second in sorted(set(points))
                if self.has_all or second.startswith(SPECIFIC)]

    def kill_second(self, state, first, second):
        root = self.copy_of(state)
        spool, wrong = self.kill_at(root, second, 1)
        if wrong is not None:
            more, _ = self.bring_home(spool)
            self.table.count(self.table.second, second, wrong + more,
                             "%s, killed at %s, then at %s" % (self.name, first, second))
        shutil.rmtree(root)

    def go(self, pool):
        root = self.copy_of(self.template)
        spool, status, points = self.run(root)
        kit.ok(status in (0, 1) and not kit.unfinished(spool, self.expected),
               "%s, undisturbed: %s" % (self.name, kit.unfinished(spool, self.expected)))
        firsts = [(point, nth) for point, n in sorted(collections.Counter(points).items())
                  for nth in range(1, min(n, OCCURRENCES) + 1)]
        seconds = [s for found in pool.map(lambda f: self.kill_first(*f), firsts) for s in found]
        list(pool.map(lambda s: self.kill_second(*s), seconds))


def after_a_failure(spool):
    """failed/bad.jpg was moved back to the inbox, its error text lies there still."""
    spool.drop("bad.jpg.error.txt", b"bad.jpg: it was broken before\n", "failed")


def developed_before(spool):
    """There are an original and results that conflict = replace may replace."""
    spool.drop("a.jpg", OLD)
    spool.once()


def keeps_marks():
    try:
        os.setxattr(kit.fresh_folder(), "user.darkroom.test", b"1")
    except OSError:
        return False
    return True


def emptied_by_a_power_cut(spool):
    """The claim has reached the disk, what the job's record holds has not."""
    spool.drop("a.jpg", JPEG, "processing")
    os.makedirs(spool.path(".darkroom/jobs/a.jpg"))
    open(spool.path(".darkroom/jobs/a.jpg/job"), "w").close()


def taken_after_the_plan(scenario):
    """Killed with its plan sealed; then somebody takes the name of a result, and keeps it."""
    root = scenario.copy_of(scenario.template)
    spool, wrong = scenario.kill_at(root, "plan.sealed", 1)
    spool.drop("trip/a.jpg", b"of somebody else", "out/web")
    status = spool.once()
    with open(spool.path("out/web/trip/a.jpg"), "rb") as file:
        kit.ok(file.read() == b"of somebody else", "a name taken after the plan: nothing is replaced")
    kit.ok(wrong == [] and status == 0 and os.path.exists(spool.path("out/web/trip/a-2.jpg")) and
           os.path.exists(spool.path("done/trip/a.jpg")), "and the result gets the next free name")


def strangers_in_its_place(scenario):
    """Killed when the original was in done/; then something else has the place that it left, which
    cannot be flushed: not even opened, or opened without a disk behind it."""
    for what, make in (("a link", lambda path: os.symlink("nowhere", path)), ("a pipe", os.mkfifo)):
        root = scenario.copy_of(scenario.template)
        spool, wrong = scenario.kill_at(root, "plan.original_moved", 1)
        make(spool.path("processing/trip/a.jpg"))
        status = spool.once()
        left = os.listdir(spool.path(".darkroom/jobs"))
        is_there = os.path.lexists(spool.path("processing/trip/a.jpg"))
        kit.ok(wrong == [] and status == 0 and left == [] and is_there and
               os.path.exists(spool.path("done/trip/a.jpg")),
               "%s at the place of an original that was filed: its plan ends, and it stays" % what)


def changed_meanwhile(scenario):
    """Killed at work; then another picture has its place. Nothing tells the daemon to begin anew but
    the clock, and that is over before the daemon waits for it: the calls are slow."""
    root = scenario.copy_of(scenario.template)
    spool, wrong = scenario.kill_at(root, "jobdir.part_made", 1)
    spool.drop("trip/a.jpg", OLD, "processing")
    status = spool.once(env=SLOW, options=("-o", "spool.rescan=1h"))
    there = [(place, name) for place, _, name in spool.originals()]
    kit.ok(wrong == [] and status == 0 and there == [("done", hashlib.sha256(OLD).hexdigest())],
           "changed while no daemon was there: it is developed at once (%s, %s)" % (status, there))


def claim_lost(scenario, table):
    """A power cut that kept the plan, and all that followed, but not the claim before it."""
    for point in ("plan.sealed", "plan.result_moved", "plan.published"):
        root = scenario.copy_of(scenario.template)
        spool, wrong = scenario.kill_at(root, point, 1)
        os.rename(spool.path("processing/trip/a.jpg"), spool.path("inbox/trip/a.jpg"))
        more, _ = scenario.bring_home(spool)
        more += [rel for rel in kit.files(spool.path("out")) if not rel.endswith("/trip/a.jpg")]
        table.count(table.first, point, wrong + more, "the claim was lost, the plan was not: " + point)


def retry_cut_off(spool):
    """A broken picture was moved back from failed/, and a power cut left both names."""
    spool.drop("bad.jpg", BAD, "failed")
    spool.drop("bad.jpg.error.txt", b"bad.jpg: it was broken before\n", "failed")
    os.link(spool.path("failed/bad.jpg"), spool.path("inbox/bad.jpg"))


def retry_came_back(scenario, table):
    """A power cut that kept the claim of a retry, but not that it and its text left failed/; with
    its job folder and without."""
    for has_both, has_job in ((True, True), (True, False), (False, True), (False, False)):
        root = scenario.copy_of(scenario.template)
        spool, wrong = scenario.kill_at(root, "claim.renamed", 1)
        spool.drop("bad.jpg.error.txt", b"bad.jpg: it was broken before\n", "failed")
        if has_both:
            os.link(spool.path("processing/bad.jpg"), spool.path("failed/bad.jpg"))
        if not has_job:
            shutil.rmtree(spool.path(".darkroom/jobs/bad.jpg"))
        more, _ = scenario.bring_home(spool)
        more += [rel for rel in kit.files(spool.path("failed")) if not rel.startswith("bad.jpg")]
        table.count(table.first, "claim.renamed", wrong + more, "a claimed retry came back: %s, %s" % (has_both, has_job))


def deleted(table):
    """originals = delete: at no moment are both the original and a result missing, and in the end
    each result is there once."""
    options = ("-o", "spool.originals=delete")
    met = set()
    for point in (p for p in points_in_sources() if p.startswith(SPECIFIC)):
        spool = kit.Spool(DAEMON, kit.fresh_folder())
        spool.once()
        spool.drop("trip/a.jpg", JPEG)
        if spool.once(env={"DARKROOM_FAIL_AT": point + ":1"}, options=options) != -9:
            continue
        met.add(point)
        results = kit.files(spool.path("out"))
        wrong = ["lost"] * (not spool.originals() and len(results) != len(kit.RENDITIONS))
        status = spool.once(options=options)
        results = kit.files(spool.path("out"))
        if status != 0 or spool.originals() or kit.leftovers(spool) or \
                len(results) != len(kit.RENDITIONS) or not all(r.endswith("/trip/a.jpg") for r in results):
            wrong.append("not finished: %s, %s, %s" % (status, spool.originals(), results))
        table.count(table.first, point, wrong, "originals = delete, killed at %s:1" % point)
    kit.ok({"plan.result_moved", "plan.original_moved", "plan.filed"} <= met,
           "originals = delete: killed at %d points" % len(met))


def purged(table):
    """Killed while it removes what was filed long ago: never a text without its original's going
    too, and the next start finishes it. False: marks cannot be set here."""
    for point in (p for p in points_in_sources() if p.startswith("purge.")):
        spool = kit.Spool(DAEMON, kit.fresh_folder())
        spool.once()
        spool.drop("trip/bad.jpg.error.txt", b"why\n", "failed")
        for rel in ("trip/bad.jpg", "somebody's.jpg"):
            spool.drop(rel, BAD, "failed")
        path = spool.path("failed/trip/bad.jpg")
        st = os.stat(path)
        try:
            os.setxattr(path, "user.darkroom.filed", b"1600000000 %d %d.%09d" % (
                st.st_size, st.st_mtime_ns // 10**9, st.st_mtime_ns % 10**9))
        except OSError:
            return False
        old = ("-o", "spool.keep_failed=1d")
        status = spool.once(env={"DARKROOM_FAIL_AT": point + ":1"}, options=old)
        wrong = [] if status == -9 else ["it ended with %s" % status]
        if os.path.exists(path) != (point == "purge.companions_removed"):
            wrong.append("its original is in the wrong state")
        if spool.once(options=old) != 0 or os.path.exists(path) or kit.leftovers(spool):
            wrong.append("it was not finished")
        if not os.path.exists(spool.path("failed/somebody's.jpg")):
            wrong.append("a file without a mark is gone")
        table.count(table.first, point, wrong, "purging, killed at %s:1" % point)
    return True


def main():
    kit.fresh_folder(in_memory=True)
    expected = kit.Expected()
    expected.learn(DAEMON, {"a.jpg": JPEG, "b.png": PNG, "bad.jpg": BAD, "old.jpg": OLD})
    table = Table()
    scenarios = [
        Scenario("one in a folder", table, expected, {"trip/a.jpg": JPEG}, is_new=True),
        Scenario("a broken one again", table, expected, {"bad.jpg": BAD}, prepare=after_a_failure),
        Scenario("a retry that was cut off", table, expected, {}, prepare=retry_cut_off),
        Scenario("two of one stem", table, expected, {"a.jpg": JPEG, "a.png": PNG}),
        Scenario("an empty record", table, expected, {}, prepare=emptied_by_a_power_cut),
        Scenario("no RENAME_NOREPLACE", table, expected, {"trip/b.png": PNG}, env=LINK_ONLY),
    ]
    if keeps_marks():
        scenarios.append(Scenario("conflict = replace", table, expected, {"a.jpg": JPEG},
                                  prepare=developed_before, replaced=[OLD],
                                  options=("-o", "spool.conflict=replace", "-o", "spool.progress=keep")))
    else:
        kit.note("conflict = replace: skipped, this file system takes no extended attributes")
    with ThreadPoolExecutor(PARALLEL) as pool:
        for scenario in scenarios:
            scenario.go(pool)
    taken_after_the_plan(scenarios[0])
    strangers_in_its_place(scenarios[0])
    changed_meanwhile(scenarios[0])
    claim_lost(scenarios[0], table)
    retry_came_back(scenarios[1], table)
    deleted(table)
    can_purge = purged(table)
    if not can_purge:
        kit.note("purge: skipped, this file system has no extended attributes")
    table.show()
    for point in points_in_sources():
        kit.ok(table.first[point] + table.second[point] > 0 or point in UNMET or kit.BRIEF or
               (point == "plan.replaced" and not keeps_marks()) or
               (point.startswith("purge.") and not can_purge),
               "%s was met" % point, quiet=True)
    kit.finish()


main()
