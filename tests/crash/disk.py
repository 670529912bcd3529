"""disk.py - a disk whose every write is remembered (write-log.c), and what a power cut leaves of it.

A disk may keep what it was told to write in its cache until it is told to flush, and lose any of
it, in any order. So after a cut there is all that was written before the last flush, and of each
4 KiB page that was written later the newest version, an older one or none: by chance.
"""
import atexit
import bisect
import mmap
import os
import struct
import subprocess

import kit

PAGE = 4096
HEADER = struct.Struct("=QII")
WRITE, FLUSH = ord("W"), ord("F")
# As small as their mkfs allows; no discard, of which this disk knows nothing.
SYSTEMS = {"ext4": (["mkfs.ext4", "-q", "-F", "-E", "nodiscard"], 64, []),
           "xfs": (["mkfs.xfs", "-q", "-f", "-K"], 320, ["-o", "nodiscard"]),
           "btrfs": (["mkfs.btrfs", "-q", "-f", "-K"], 128, ["-o", "nodiscard"])}


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def must(*command):
    done = run(*command)
    if done.returncode != 0:
        raise OSError("%s: %s" % (" ".join(command), done.stderr.strip()))
    return done.stdout.strip()


def copy(source, target):
    must("cp", "--sparse=auto", source, target)


def make(system, image):
    """A new file system in the file IMAGE."""
    command, megabytes, _ = SYSTEMS[system]
    with open(image, "wb") as file:
        file.truncate(megabytes << 20)
    must(*command, image)


class Mount:
    """A file system of a file or of a device, at a folder. Raises OSError: why not."""

    def __init__(self, system, source, folder):
        self.folder = folder
        must("mount", "-t", system, "-o", "loop" if os.path.isfile(source) else "rw",
             *SYSTEMS[system][2], source, folder)
        atexit.register(self.drop)

    def drop(self):
        kit.wait_for(20, lambda: run("umount", self.folder).returncode == 0)
        atexit.unregister(self.drop)


class Recorder:
    """The disk: IMAGE behind write-log.c, mounted at a folder. Every write is in LOG."""

    def __init__(self, program, system, image, log, mount):
        self.log, self.mount = log, None
        self.folder = kit.fresh_folder()
        self.server = subprocess.Popen([program, image, log, self.folder])
        self.device = None
        atexit.register(self.drop)
        path = os.path.join(self.folder, "disk")
        if not kit.wait_for(10, lambda: os.path.exists(path) or self.server.poll() is not None) or \
                self.server.poll() is not None:
            raise OSError("write-log does not serve " + self.folder)
        self.device = must("losetup", "-f", "--show", path)
        self.mount = Mount(system, self.device, mount)

    def now(self):
        """This moment: how long the log is. What was flushed is before it."""
        return os.stat(self.log).st_size

    def drop(self):
        if self.mount is not None:
            self.mount.drop()
        if self.device is not None:
            kit.wait_for(20, lambda: run("losetup", "-d", self.device).returncode == 0)
        kit.wait_for(20, lambda: run("umount", self.folder).returncode == 0 or
                     self.server.poll() is not None)
        self.server.wait(kit.END_S)
        atexit.unregister(self.drop)


class Log:
    """Its records, and images of any moment between two of them."""

    def __init__(self, path, end):
        with open(path, "rb") as file:
            self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.records, self.ends, self.flushes = [], [], []
        at = 0
        while at + HEADER.size <= end:
            offset, length, kind = HEADER.unpack_from(self.data, at)
            at += HEADER.size
            if at + length > end:
                break
            if kind == FLUSH:
                self.flushes.append(len(self.records))
            self.records.append((kind, offset, at, length))
            at += length
            self.ends.append(at)

    def index(self, moment):
        """How many records were whole at MOMENT."""
        return bisect.bisect_right(self.ends, moment)

    def moment(self, n_records):
        return self.ends[n_records - 1] if n_records > 0 else 0

    def flushed(self, n_records):
        """How many of the first N_RECORDS no cut can take away."""
        i = bisect.bisect_left(self.flushes, n_records)
        return self.flushes[i - 1] if i > 0 else 0

    def apply(self, image, first, last, chance=None, rng=None):
        """Write the records FIRST to LAST - 1 into the open file IMAGE. CHANCE: each page of them
        with that probability."""
        n_lost = 0
        for kind, offset, at, length in self.records[first:last]:
            if kind != WRITE:
                continue
            if chance is None:
                os.pwrite(image, self.data[at:at + length], offset)
                continue
            done = 0
            while done < length:
                size = min(length - done, PAGE - (offset + done) % PAGE)
                if rng.random() < chance:
                    os.pwrite(image, self.data[at + done:at + done + size], offset + done)
                else:
                    n_lost += 1
                done += size
        return n_lost


class Rebuilder:
    """Images of one log; asked for from early to late they cost least."""

    def __init__(self, base, log, folder):
        self.base, self.log = base, log
        self.rolling = os.path.join(folder, "rolling.img")
        self.n_applied = None

    def build(self, n_records, chance, rng, target):
        """The disk after N_RECORDS; returns how many pages it lost."""
        n_sure = self.log.flushed(n_records)
        if self.n_applied is None or n_sure < self.n_applied:
            copy(self.base, self.rolling)
            self.n_applied = 0
        fd = os.open(self.rolling, os.O_RDWR)
        self.log.apply(fd, self.n_applied, n_sure)
        os.close(fd)
        self.n_applied = n_sure
        copy(self.rolling, target)
        fd = os.open(target, os.O_RDWR)
        n_lost = self.log.apply(fd, n_sure, n_records, chance, rng)
        os.close(fd)
        return n_lost
