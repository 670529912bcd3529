#!/usr/bin/env python3
"""power-cut.py [ROUNDS]: the power fails while pictures are developed on ext4 and on xfs.

The file systems are loop mounts, and are shut down by the ioctl that their own tests use
(FS_IOC_SHUTDOWN, without flushing the log): what was not on the disk is gone. The daemon and its
workers are stopped first, for a process that goes on hears success from a dead file system.
After each cut: every original in one place, every result whole, and what the daemon had called
done is done. Then the daemon recovers, and all has to come home.

So it is with pictures that were on the disk before the daemon met them. In further rounds they are
copied as cp does it, and nobody flushes them: the cut may take any of them, but not one that the
daemon had called done or failed.

The control does the first with spool.durability = fast, and has to lose something.
Root only; skipped where loop mounts or the ioctl are refused.
"""
import ctypes
import fcntl
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

import kit

ROUNDS = int(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("POWER_ROUNDS", "2" if kit.BRIEF else "5"))
SEED = int(os.environ.get("POWER_SEED", str(os.getpid())))
DAEMON = kit.program("darkroomd", "DARKROOMD")
SHUTDOWN = 0x8004587d                    # _IOR('X', 125, uint32_t)
NO_LOG_FLUSH = b"\x02\0\0\0"
SYSTEMS = {"ext4": (["mkfs.ext4", "-q", "-F"], 96), "xfs": (["mkfs.xfs", "-q", "-f"], 320)}
GOOD = [kit.sample("jpeg/444.jpg"), kit.sample("jpeg/17x17.jpg"), kit.sample("photo/flower.jpg")]
BAD = kit.sample("bad/12-bit.jpg")
libc = ctypes.CDLL(None, use_errno=True)


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def children_of(daemon):
    pids = []
    for task in os.listdir("/proc/%d/task" % daemon.pid):
        with open("/proc/%d/task/%s/children" % (daemon.pid, task)) as file:
            pids += [int(pid) for pid in file.read().split()]
    return pids


def is_still(pid):
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rsplit(")", 1)[1].split()[0] in "TZ"
    except FileNotFoundError:
        return True


def stop(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGSTOP)
        except ProcessLookupError:
            pass
    kit.wait_for(10, lambda: all(is_still(pid) for pid in pids))


class Machine:
    """A disk of its own, and the daemon on it."""

    def __init__(self, system, expected, options):
        self.system, self.expected, self.options = system, expected, list(options)
        self.image, self.mount = kit.fresh_folder() + ".img", kit.fresh_folder()
        self.spool = None
        self.n_pictures = 0
        self.wrong = []
        self.n_done = self.n_cut = 0

    def power_on(self):
        """None, or why that is not possible here."""
        if not os.path.exists(self.image):
            command, megabytes = SYSTEMS[self.system]
            with open(self.image, "wb") as file:
                file.truncate(megabytes << 20)
            if shutil.which(command[0]) is None:
                return "no " + command[0]
            made = run(*command, self.image)
            if made.returncode != 0:
                return made.stderr.strip()
        mounted = run("mount", "-o", "loop", self.image, self.mount)
        if mounted.returncode != 0:
            return mounted.stderr.strip()
        self.spool = kit.Spool(DAEMON, os.path.join(self.mount, "spool"))
        self.spool.log = self.mount + ".log"
        return None

    def power_off(self):
        """Whatever waits to be written is gone."""
        fd = os.open(self.mount, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, SHUTDOWN, NO_LOG_FLUSH)
        finally:
            os.close(fd)

    def unmount(self):
        """Mounted again before that it would be the same dead file system."""
        if not kit.wait_for(kit.END_S, lambda: run("umount", self.mount).returncode == 0):
            raise RuntimeError("%s cannot be unmounted: somebody lives on" % self.mount)

    def sync(self):
        fd = os.open(self.mount, os.O_RDONLY)
        libc.syncfs(fd)
        os.close(fd)

    def make_pictures(self):
        """{a path below inbox/: the bytes}"""
        made = {}
        for _ in range(12):
            self.n_pictures += 1
            like = BAD if self.n_pictures % 15 == 0 else random.choice(GOOD)
            data = kit.comment(like, b"picture %d" % self.n_pictures)
            self.expected.same(data, like)
            rel = "%sp%04d.jpg" % (random.choice(("", "trip/")), self.n_pictures)
            self.expected.names[hashlib.sha256(data).hexdigest()] = rel
            made[rel] = data
        return made

    def drop_pictures(self, pictures):
        """A careful copier's pictures are on the disk before the daemon meets them."""
        for rel, data in pictures.items():
            self.spool.drop(rel, data)
        self.sync()

    def copy_pictures(self, pictures):
        """As cp does it: under its own name from the beginning, and never flushed."""
        for rel, data in pictures.items():
            target = self.spool.path("inbox", rel)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(data)

    def cut(self, daemon):
        stop([daemon.pid])  # first: what is stopped starts nobody
        children = children_of(daemon)
        stop(children)
        self.power_off()
        kit.kill_and_wait(daemon)
        for pid in children:  # one that had just been started does not die with it yet
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def acknowledged(self, n_before):
        with open(self.spool.log, errors="replace") as log:
            return re.findall(r'event=(?:done|failed) to="([^"]*)"', log.read()[n_before:])

    def round(self):
        self.spool.once(options=self.options)
        pictures = self.make_pictures()
        wanted = {hashlib.sha256(data).hexdigest() for data in pictures.values()}
        self.drop_pictures(pictures)
        n_before = os.path.getsize(self.spool.log)
        daemon = self.spool.start("-o", "workers.count=2", *self.options)
        time.sleep(random.uniform(0.05, 0.45))
        done = self.end_round(daemon, n_before)
        wrong = ["forgotten: " + rel for rel in done if not os.path.exists(self.spool.path(rel))]
        wrong += kit.lost_or_doubled(self.spool, self.expected, wanted)
        status = self.spool.once(options=self.options)
        wrong += [] if status in (0, 1) else ["the recovery ended with %s" % status]
        wrong += kit.lost_or_doubled(self.spool, self.expected, wanted)
        wrong += kit.unfinished(self.spool, self.expected)
        self.clear("done", "failed", "out")
        return wrong

    def careless_round(self):
        self.spool.once(options=self.options)
        self.sync()
        pictures = self.make_pictures()
        n_before = os.path.getsize(self.spool.log)
        daemon = self.spool.start("-o", "workers.count=2", *self.options)
        self.copy_pictures(pictures)
        kit.wait_for(kit.END_S, lambda: self.acknowledged(n_before))
        time.sleep(random.uniform(0, 0.3))
        done = self.end_round(daemon, n_before)
        wrong = [] if done else ["nothing was called done within %d s" % kit.END_S]
        wrong += self.not_kept(done, pictures)
        status = self.spool.once(options=self.options)  # 2: of a torn copy not even its kind is there
        wrong += [] if status in (0, 1, 2) else ["the recovery ended with %s" % status]
        wrong += ["recovered, " + what for what in self.not_kept(done, pictures)]
        self.clear("inbox", "processing", "done", "failed", "out")
        return wrong

    def not_kept(self, done, pictures):
        """What is missing of PICTURES that lie, as the daemon said, at the paths DONE."""
        wrong = []
        for path in done:
            place, rel = path.split("/", 1)
            if not os.path.exists(self.spool.path(path)):
                wrong.append("forgotten: " + path)
                continue
            with open(self.spool.path(path), "rb") as file:
                data = file.read()
            if data != pictures[rel]:
                wrong.append("not whole: %s, %d bytes of %d" % (path, len(data), len(pictures[rel])))
            elif place == "done":
                results = self.expected.results[hashlib.sha256(data).hexdigest()]
                wrong += kit.wrong_results(self.spool, self.expected, rel, results)
            elif not kit.error_text(self.spool, rel):
                wrong.append("no error text: " + path)
        return wrong

    def end_round(self, daemon, n_before):
        """The cut, and power again. Returns: what the daemon had called done or failed."""
        self.cut(daemon)
        done = self.acknowledged(n_before)
        self.unmount()
        self.power_on()
        self.n_done += len(done)
        self.n_cut += 1
        return done

    def clear(self, *folders):
        for folder in folders:
            for rel in kit.files(self.spool.path(folder)):
                os.unlink(self.spool.path(folder, rel))


def storm(system, expected, rounds, is_careless=False, is_control=False):
    machine = Machine(system, expected, ["-o", "spool.durability=fast"] if is_control else [])
    why = machine.power_on()
    if why is not None:
        kit.note("skipped: %s: %s" % (system, why))
        return False
    kind = system + ", copied without a flush" * is_careless + ", not durable" * is_control
    n_wrong = 0
    try:
        for number in range(1, rounds + 1):
            wrong = machine.careless_round() if is_careless else machine.round()
            n_wrong += bool(wrong)
            if not is_control and not kit.ok(not wrong, "%s, cut %d: %s" % (
                    kind, number, "; ".join(wrong)), quiet=True):
                print(machine.spool.log_end(20))
    finally:
        machine.unmount()
        os.unlink(machine.image)
    kit.note("%s: %d cuts, %d pictures called done before one, %d rounds with a fault" % (
        kind, machine.n_cut, machine.n_done, n_wrong))
    if is_control:
        kit.ok(n_wrong > 0, "%s: something is lost, so this test can fail" % kind)
    return True


def main():
    if os.geteuid() != 0:
        kit.skip("mounting needs root")
    random.seed(SEED)
    kit.fresh_folder(in_memory=True)
    expected = kit.Expected()
    expected.learn(DAEMON, {"%d.jpg" % i: data for i, data in enumerate(GOOD)})
    expected.results[hashlib.sha256(BAD).hexdigest()] = {}
    kit.note("seed %d" % SEED)
    n_systems = 0
    for system in SYSTEMS:
        if storm(system, expected, ROUNDS):
            storm(system, expected, max(2, ROUNDS // 4), is_careless=True)
            storm(system, expected, max(3, ROUNDS // 10), is_control=True)
            n_systems += 1
    if n_systems == 0:
        kit.skip("no file system could be mounted by loop")
    kit.finish()


main()
