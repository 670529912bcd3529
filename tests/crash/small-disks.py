#!/usr/bin/env python3
"""small-disks.py: real disks that have no room, no inodes, a quota, a thin layer below them, or that
go read-only, die or are taken away, while pictures are developed. Nobody may be blamed, nothing
lost or doubled, STATUS says why nothing goes on, and when the disk is well again so is the queue,
by itself.

Root only. SMALL_DISKS_ALL=1 also takes the slow ones; an argument names one case.
"""
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import kit

SHIM = kit.program("tests/crash/fault.so", "FAULT_SO")
PARALLEL = 7              # they mostly wait
ALL = "SMALL_DISKS_ALL" in os.environ
N_PICTURES = 8
ROOM_FOR = 2.5            # pictures whose results fit when the disk begins to be short
AGAIN_S = 90              # what does not go on by then hangs
DAEMON = kit.program("darkroomd", "DARKROOMD")
SLOWLY = {"LD_PRELOAD": SHIM, "FAULT_CALL": "renameat,renameat2,fsync", "FAULT_DELAY_US": "60000"}
SHUTDOWN = 0x8004587d     # _IOR('X', 125, uint32_t), as xfs and ext4 know it
NO_LOG_FLUSH = b"\x02\0\0\0"
PICTURE = kit.sample("photo/flower.jpg")
say_lock = threading.Lock()


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


class Unfit(Exception):
    """This machine cannot do that."""


def must(*command):
    if shutil.which(command[0]) is None:
        raise Unfit("no " + command[0])
    done = run(*command)
    if done.returncode != 0:
        raise Unfit("%s: %s" % (" ".join(command[:3]), (done.stderr or done.stdout).strip()))


def eat(path, leave):
    """Take all room but LEAVE bytes of the disk of PATH, without writing it."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    size, step = os.fstat(fd).st_size, 1 << 28
    while step >= 4096:
        try:
            os.posix_fallocate(fd, size, step)
            size += step
        except OSError:
            step //= 2
    if leave > 0:
        os.ftruncate(fd, max(0, size - leave))
    os.close(fd)


# ---- disks ----------------------------------------------------------------------------------

class Tmpfs:
    """leave(N): keep room for N bytes; free(): all of it again. So have they all."""
    def __init__(self, options="size=24m"):
        self.options = options
        self.mount = kit.fresh_folder()
        self.ballast = os.path.join(self.mount, "ballast")

    def attach(self):
        must("mount", "-t", "tmpfs", "-o", self.options, "tmpfs", self.mount)

    def detach(self):
        run("umount", "-l", self.mount)

    def leave(self, n_bytes):
        eat(self.ballast, n_bytes)

    def free(self):
        os.unlink(self.ballast)


class Image(Tmpfs):
    """A file system in a file."""

    def __init__(self, megabytes, *mkfs, options="loop"):
        super().__init__(options)
        self.megabytes, self.mkfs = megabytes, mkfs
        self.image = self.mount + ".img"

    def make(self):
        with open(self.image, "wb") as file:
            file.truncate(self.megabytes << 20)
        must(*self.mkfs, self.image)

    def attach(self):
        if not os.path.exists(self.image):
            self.make()
        must("mount", "-o", self.options, self.image, self.mount)

    def detach(self):
        super().detach()
        if os.path.exists(self.image):
            os.unlink(self.image)


class Inodes:
    """Of a disk that has room, but for so many files only."""

    def leave(self, n_bytes):
        os.makedirs(self.ballast, exist_ok=True)
        keep = 8 if n_bytes > 0 else 0
        number = len(os.listdir(self.ballast))
        try:
            while True:
                os.close(os.open(os.path.join(self.ballast, str(number)), os.O_CREAT | os.O_WRONLY))
                number += 1
        except OSError:
            for last in range(number - keep, number):
                os.unlink(os.path.join(self.ballast, str(last)))

    def free(self):
        shutil.rmtree(self.ballast)


class TmpfsInodes(Inodes, Tmpfs):
    pass


class ImageInodes(Inodes, Image):
    pass


class Quota(Image):
    """btrfs: the limit of a subvolume holds for root too."""

    def attach(self):
        super().attach()
        self.volume = os.path.join(self.mount, "volume")
        if not os.path.exists(self.volume):
            must("btrfs", "quota", "enable", self.mount)
            must("btrfs", "subvolume", "create", self.volume)
        self.group = "0/%s" % run("btrfs", "inspect-internal", "rootid", self.volume).stdout.strip()

    def used(self):
        run("sync", "-f", self.volume)
        shown = run("btrfs", "qgroup", "show", "-f", "--raw", self.volume).stdout
        return int(re.search(r"^0/\d+\s+(\d+)", shown, re.M).group(1))

    def leave(self, n_bytes):
        must("btrfs", "qgroup", "limit", str(self.used() + n_bytes), self.group, self.mount)

    def free(self):
        must("btrfs", "qgroup", "limit", "none", self.group, self.mount)


class Thin(Image):
    """The image lies on a disk that is full: a write succeeds, and only fsync says that it did not.
    What the file system needs for itself has its place there already, as on a disk in use; then
    TRIMMED gives what is free back to the disk below."""

    def __init__(self, is_trimmed, megabytes, *mkfs, options="loop"):
        super().__init__(megabytes, *mkfs, options=options)
        self.is_trimmed, self.below = is_trimmed, kit.fresh_folder()
        self.image = os.path.join(self.below, "thin.img")
        self.ballast = os.path.join(self.below, "ballast")

    def make(self):
        must("mount", "-t", "tmpfs", "-o", "size=%dm" % (self.megabytes + 1), "tmpfs", self.below)
        super().make()
        if self.is_trimmed:
            with open(self.image, "r+b") as file:
                os.posix_fallocate(file.fileno(), 0, self.megabytes << 20)

    def attach(self):
        is_new = not os.path.exists(self.image)
        super().attach()
        if is_new and self.is_trimmed:
            must("fstrim", self.mount)

    def detach(self):
        super().detach()
        run("umount", "-l", self.below)

    def leave(self, n_bytes):
        run("sync", "-f", self.mount)
        eat(self.ballast, n_bytes)


EXT4 = ("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0")
XFS = ("mkfs.xfs", "-q", "-f")
BTRFS = ("mkfs.btrfs", "-q", "-f")


# ---- one case -------------------------------------------------------------------------------

class Case:
    def __init__(self, name, disk, expected, word, result_bytes):
        self.name, self.disk, self.expected = name, disk, expected
        self.word, self.result_bytes = word, result_bytes
        self.child = None
        self.wanted = set()
        self.times = {}

    def ok(self, is_good, what):
        with say_lock:
            return kit.ok(is_good, "%s: %s" % (self.name, what))

    def within(self, seconds, what, condition):
        begin = time.monotonic()
        is_met = kit.wait_for(seconds, condition)
        self.times[what] = time.monotonic() - begin
        return self.ok(is_met, what)

    def prepare(self):
        self.disk.attach()
        top = getattr(self.disk, "volume", self.disk.mount)
        self.spool = kit.Spool(DAEMON, os.path.join(top, "spool"))
        self.spool.log = self.disk.mount + ".log"
        self.spool.once()
        for number in range(N_PICTURES):
            data = kit.comment(PICTURE, b"%s %d" % (self.name.encode(), number))
            name = hashlib.sha256(data).hexdigest()
            with say_lock:
                self.expected.same(data, PICTURE)
                self.expected.names[name] = "p%d.jpg" % number
            self.wanted.add(name)
            self.spool.drop("%sp%d.jpg" % (("", "trip/")[number % 2], number), data)
        run("sync", "-f", self.disk.mount)

    def start(self, *options, env=None):
        self.child = self.spool.start("-o", "workers.count=2", "-o", "spool.rescan=2s",
                                      "-o", "spool.poll_interval=1s", *options, env=env)

    def status(self):
        try:
            with open(self.spool.path("STATUS"), errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    def says(self, word):
        return word in self.status()

    def has_let_go(self):
        return self.logged("event=spool-lost") > 0

    def is_read_only(self):
        try:
            os.rmdir(tempfile.mkdtemp(dir=self.disk.mount))
            return False
        except OSError:
            return True

    def mount_again(self):
        """What a human does with a disk that is sick."""
        run("umount", "-l", self.disk.mount)
        self.within(60, "nothing on the disk is held open", lambda: not run(
            "losetup", "-j", self.disk.image).stdout.strip())
        self.disk.attach()

    def logged(self, word):
        with open(self.spool.log, errors="replace") as file:
            return file.read().count(word)

    def n_in(self, place):
        try:
            return sum(not kit.tree.is_ours(rel) and not os.path.basename(rel).startswith(".")
                       for rel in kit.files(self.spool.path(place)))
        except OSError:
            return -1

    def look_into_it(self, what):
        """The promise, while the daemon stands still."""
        self.child.send_signal(signal.SIGSTOP)
        wrong = kit.lost_or_doubled(self.spool, self.expected, self.wanted)
        wrong += ["in failed/: " + rel for rel in kit.files(self.spool.path("failed"))]
        for key in os.listdir(self.spool.path(".darkroom/jobs")):
            with open(self.spool.path(".darkroom/jobs", key, "job")) as file:
                text = file.read()
            if re.search(r"deaths: [1-9]", text):
                wrong.append("an attempt is counted: " + key)
        self.child.send_signal(signal.SIGCONT)
        self.ok(not wrong, "%s: nothing lost, nobody blamed %s" % (what, "; ".join(wrong)))

    def all_home(self, what):
        self.within(AGAIN_S, what, lambda: self.n_in("done") == N_PICTURES and
                    not os.listdir(self.spool.path(".darkroom/jobs")))
        self.within(20, "STATUS says so", lambda: self.status().startswith("darkroom: idle"))
        self.child.terminate()
        self.ok(self.child.wait(kit.END_S) == 0, "the daemon ends well")
        wrong = kit.lost_or_doubled(self.spool, self.expected, self.wanted)
        wrong += kit.unfinished(self.spool, self.expected)
        if not self.ok(not wrong, "every picture once, every result whole %s" % "; ".join(wrong)):
            print(self.spool.log_end(40))

    def end(self):
        if self.child is not None and self.child.poll() is None:
            kit.kill_and_wait(self.child)
        self.disk.detach()


# ---- what befalls it ------------------------------------------------------------------------

def short_of_room(case):
    """Room for some of the results, then for nothing at all, then for all."""
    case.prepare()
    case.disk.leave(int(ROOM_FOR * case.result_bytes))
    case.start()
    case.within(60, "STATUS says blocked and why", lambda: case.says("blocked") and
                case.says(case.word))
    case.look_into_it("short of room")
    n_before = case.logged("event=trouble")
    case.disk.leave(0)
    kit.wait_for(12, lambda: case.logged("event=trouble") > n_before + 1)
    case.ok(case.says("blocked"), "without any room STATUS still says so")
    case.look_into_it("without any room")
    case.disk.free()
    case.all_home("room again: it goes on by itself")


def min_free(case):
    """There is room, but less than spool.min_free: nothing is begun."""
    case.prepare()
    case.disk.leave(8 << 20)
    case.start("-o", "spool.min_free=12M")
    case.within(60, "STATUS says blocked and why", lambda: case.says("blocked") and
                case.says("spool.min_free"))
    case.ok(case.n_in("inbox") == N_PICTURES, "nothing was begun")
    case.disk.free()
    case.all_home("room again: it goes on by itself")


def emptied(case):
    """People take the pictures away instead of making room: nothing is left to be blocked."""
    case.prepare()
    case.disk.leave(int(ROOM_FOR * case.result_bytes))
    case.start()
    case.within(60, "STATUS says blocked", lambda: case.says("blocked"))
    for place in ("inbox", "processing"):
        for rel in kit.files(case.spool.path(place)):
            try:
                os.unlink(case.spool.path(place, rel))
            except FileNotFoundError:
                pass  # a sidecar of the daemon's
    case.within(60, "STATUS says idle", lambda: case.says("darkroom: idle"))
    case.ok(not os.listdir(case.spool.path(".darkroom/jobs")), "no job is left")
    case.child.terminate()
    case.ok(case.child.wait(kit.END_S) == 0, "the daemon ends well")


def remount(case):
    """The kernel refuses a read-only remount under a daemon at work; nothing is disturbed."""
    case.prepare()
    case.start(env=SLOWLY)
    kit.wait_for(30, lambda: case.n_in("done") > 0)
    done = run("mount", "-o", "remount,ro", case.disk.mount)
    case.ok(done.returncode != 0 and "busy" in done.stderr, "the remount is refused: " +
            done.stderr.strip())
    case.all_home("it goes on")


def thin(case):
    """Where its journal cannot be written a file system ends itself: then a human mounts it again."""
    case.prepare()
    case.disk.leave(int(ROOM_FOR * case.result_bytes))
    case.start()
    case.within(60, "it is blocked, or lets go of the disk", lambda: case.says("blocked") or
                case.has_let_go())
    time.sleep(3)  # what it tries again meets the full disk too
    case.ok(not kit.files(case.spool.path("failed")), "nobody is blamed")
    case.disk.free()
    if case.is_read_only():
        case.times["its journal was aborted"] = 0
        case.mount_again()
    case.all_home("room again: it goes on")


def at_work(case, harm):
    """HARM befalls the disk while pictures are developed; then a human mounts it again."""
    case.prepare()
    case.start(env=SLOWLY)
    kit.wait_for(30, lambda: case.n_in("done") > 0)
    case.ok(0 < case.n_in("done") < N_PICTURES, "it is at work")
    harm(case)
    case.mount_again()
    case.all_home("mounted again: it goes on")


def goes_read_only(case):
    """As ext4 does when it meets a fault of its own."""
    device = run("findmnt", "-no", "SOURCE", case.disk.mount).stdout.strip()
    trigger = "/sys/fs/ext4/%s/trigger_fs_error" % os.path.basename(device)
    if not os.path.exists(trigger):
        raise Unfit("no %s here; is /sys mounted?" % trigger)
    with open(trigger, "w") as file:
        file.write("for a test")
    case.within(60, "it lets go of the disk", case.has_let_go)
    case.within(20, "which can be unmounted", lambda: run("umount", case.disk.mount).returncode == 0)
    must("sh", "-c", "e2fsck -p '%s' || test $? -eq 1" % case.disk.image)


def dies(case):
    fd = os.open(case.disk.mount, os.O_RDONLY)
    try:
        fcntl.ioctl(fd, SHUTDOWN, NO_LOG_FLUSH)
    finally:
        os.close(fd)
    case.within(60, "it is in trouble, or lets go of the disk", lambda: case.has_let_go() or
                case.logged("event=blocked") > 0)


def is_taken_away(case):
    run("umount", "-l", case.disk.mount)
    case.within(60, "it lets go of the disk", case.has_let_go)


CASES = {  # in make check those that are quick; name: (disk, what befalls it, a word of STATUS)
    "tmpfs": (lambda: Tmpfs(), short_of_room, "disk is full"),
    "ext4": (lambda: Image(40, *EXT4), short_of_room, "disk is full"),
    "ext4-inodes": (lambda: ImageInodes(40, *EXT4, "-N", "160"), short_of_room, "inodes"),
    "ext4-thin": (lambda: Thin(True, 64, *EXT4), thin, ""),
    "ext4-error": (lambda: Image(40, *EXT4, options="loop,errors=remount-ro"),
                   lambda case: at_work(case, goes_read_only), ""),
    "emptied": (lambda: Tmpfs(), emptied, ""),
    "min_free": (lambda: Tmpfs(), min_free, ""),
}
MORE = {
    "ext4-remount": (lambda: Image(40, *EXT4), remount, ""),
    "tmpfs-inodes": (lambda: TmpfsInodes("size=24m,nr_inodes=150"), short_of_room, "inodes"),
    "xfs": (lambda: Image(320, *XFS), short_of_room, "disk is full"),
    "btrfs": (lambda: Image(128, *BTRFS), short_of_room, "disk is full"),
    "btrfs-quota": (lambda: Quota(160, *BTRFS), short_of_room, "quota"),
    "ext4-thin-journal": (lambda: Thin(False, 64, *EXT4), thin, ""),
    "ext4-dies": (lambda: Image(40, *EXT4), lambda case: at_work(case, dies), ""),
    "xfs-dies": (lambda: Image(320, *XFS), lambda case: at_work(case, dies), ""),
    "ext4-away": (lambda: Image(40, *EXT4), lambda case: at_work(case, is_taken_away), ""),
    "xfs-away": (lambda: Image(320, *XFS), lambda case: at_work(case, is_taken_away), ""),
    "btrfs-away": (lambda: Image(128, *BTRFS), lambda case: at_work(case, is_taken_away), ""),
}


BRIEFLY = ["ext4", "ext4-error"]


def one(name, expected, result_bytes):
    disk, befalls, word = dict(CASES, **MORE)[name]
    case = Case(name, disk(), expected, word, result_bytes)
    try:
        befalls(case)
    except Unfit as why:
        kit.note("skipped: %s: %s" % (name, why))
    finally:
        case.end()
    kit.note("%-18s %s" % (name, ", ".join("%s: %.1f s" % item for item in case.times.items())))


def main():
    if os.geteuid() != 0:
        kit.skip("mounting needs root")
    kit.fresh_folder(in_memory=True)
    expected = kit.Expected()
    expected.learn(DAEMON, {"p.jpg": PICTURE})
    result_bytes = expected.n_bytes
    names = sys.argv[1:] or (list(CASES) + list(MORE) if ALL else BRIEFLY if kit.BRIEF else list(CASES))
    with ThreadPoolExecutor(PARALLEL) as pool:
        for job in [pool.submit(one, name, expected, result_bytes) for name in names]:
            job.result()
    kit.finish()


main()
