"""arrival.py - one photograph on its way into a spool, and what is to be said of it.

A way (ways.py, ways_smb.py) is a function that brings the photograph of an Arrival into its own
folder of the inbox, slowly where it can, and tells when it is whole. What is then counted:
    missed          not in done/ when the patience ends
    touched early   claimed before it was whole: not in the inbox any more before the last step, or
                    its folder changed (the claim) before the file's last byte was written
    done twice      more than one original or more than one result of a kind
    torn            done/ has other bytes, or a result is another picture than an undisturbed one
    copier failed   the program that copied it did not exit with 0
Times are the kernel's own: done/NAME got its ctime by the rename that brought it there.
"""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../crash"))
import kit  # noqa: E402

PHOTO = "photo/lantern.jpg"   # of a camera: an EXIF thumbnail with an end mark of its own
STALL_S = 3.0                 # longer than settle (2 s) and quiet (500 ms)
SHORT_STALL_S = 1.0           # shorter than any settle: where only time tells that it is whole
PATIENCE_S = 90               # what hangs is missed
START_S = 60
COARSE_S = 0.05               # the file system's clock ticks every few ms


class Skipped(Exception):
    """This way cannot be gone here; the text says why."""


class Mode:
    """A spool that is watched in one way, with its daemon, and a folder beside it on its disk."""

    def __init__(self, name, disk, options, is_polled):
        self.name, self.disk, self.options, self.is_polled = name, disk, options, is_polled
        self.spool = kit.Spool(kit.program("./darkroomd", "DARKROOMD"), os.path.join(disk, "spool"))
        self.spool.log = os.path.join(disk, "daemon.log")
        self.daemon = None
        self.share = None  # a samba server's share of the inbox

    def start(self, *options):
        status = self.spool.path("metrics.prom")  # written last
        if os.path.exists(status):
            os.unlink(status)
        command = [self.spool.daemon, "-r", self.spool.root, "-v", "-v", *self.options, *options]
        with open(self.spool.log, "ab") as log:
            self.daemon = subprocess.Popen(command, env=kit.environment({}), stdin=subprocess.DEVNULL,
                                           stdout=subprocess.DEVNULL, stderr=log)
        return kit.wait_for(START_S, lambda: os.path.exists(status) or self.daemon.poll() is not None) \
            and self.daemon.poll() is None

    def stop(self):
        """The exit status of the daemon after SIGTERM."""
        if self.daemon is None:
            return None
        self.daemon.terminate()
        try:
            status = self.daemon.wait(START_S)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            status = self.daemon.wait()
        self.daemon = None
        return status

    def ends_well(self):
        status = self.stop()
        if not kit.ok(status == 0, "%s: the daemon ends well" % self.name):
            kit.note("exit status %s; its log ends:\n%s" % (status, self.spool.log_end(40)))

    def log_has(self, text):
        with open(self.spool.log, errors="replace") as log:
            return sum(text in line for line in log)


class Arrival:
    def __init__(self, mode, way, number):
        self.mode, self.way, self.number = mode, way, number
        self.folder = "%s-%d" % (way.__name__, number)
        self.rel = "photo.jpg"
        self.inbox = mode.spool.path("inbox", self.folder)
        self.stage = os.path.join(mode.disk, "stage", self.folder)
        self.data = kit.sample(PHOTO, "%s %s %d" % (mode.name, way.__name__, number))
        self.half = len(self.data) // 2
        self.source = os.path.join(self.stage, "source.jpg")
        self.sets_times = False   # the way gives it another mtime than that of its last byte
        self.whole_s = self.done_s = None
        self.is_early = self.is_missed = self.is_twice = self.is_torn = self.has_copier_failed = False
        self.remarks = []

    # ---- for the ways ----------------------------------------------------------------------

    def path(self, name=None):
        return os.path.join(self.inbox, name or self.rel)

    def part(self, name):
        return os.path.join(self.stage, name)

    def stall(self, seconds=STALL_S, name=None):
        """Nothing comes for a while, as when a card reader sleeps; then it must still be there."""
        time.sleep(seconds)
        self.untouched(name)

    def short_stall(self):
        """For what looks whole from outside: the lease tells, and where there is none, time."""
        self.stall(SHORT_STALL_S if self.mode.is_polled else STALL_S)

    def untouched(self, name=None):
        if not os.path.exists(self.path(name)):
            self.is_early = True
            self.remarks.append("claimed before it was whole")

    def whole(self):
        self.whole_s = time.time()

    def run(self, *command, **more):
        """A copier, from start to end."""
        self.judge_copier(command, subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                                  stderr=subprocess.STDOUT, **more))

    def judge_copier(self, command, ended):
        if ended.returncode != 0:
            self.has_copier_failed = True
            said = (ended.stdout or b"").decode(errors="replace").strip()
            self.remarks.append("%s: exit status %d: %s" % (command[0], ended.returncode, said))

    def feed(self, *command, data=None, stalls_at=None):
        """A copier whose input stalls halfway."""
        data = self.data if data is None else data
        at = len(data) // 2 if stalls_at is None else stalls_at
        copier = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
        try:
            copier.stdin.write(data[:at])
            copier.stdin.flush()
            self.stall()
            copier.stdin.write(data[at:])
        except BrokenPipeError:
            pass
        said, _ = copier.communicate()
        self.judge_copier(command, subprocess.CompletedProcess(command, copier.returncode, said))

    def run_watched(self, *command):
        """A copier that is slow by itself: the file must not go while it has not its size."""
        copier = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
        size = None
        while copier.poll() is None:
            try:
                size = os.stat(self.path()).st_size
            except FileNotFoundError:
                if size is not None and size < len(self.data):
                    self.untouched()
                size = None
            time.sleep(0.02)
        said, _ = copier.communicate()
        self.judge_copier(command, subprocess.CompletedProcess(command, copier.returncode, said))

    # ---- from beginning to end -------------------------------------------------------------

    def go(self):
        """The whole of it. Returns itself; None: this way cannot be gone here."""
        for folder in (self.inbox, self.stage):
            os.makedirs(folder)
        with open(self.source, "wb") as file:
            file.write(self.data)
        try:
            self.way(self)
        except Skipped:
            os.rmdir(self.inbox)
            raise
        if self.whole_s is None:
            self.whole()
        self.await_done()
        return self

    def await_done(self):
        done = self.mode.spool.path("done", self.folder, self.rel)
        if not kit.wait_for(PATIENCE_S, lambda: os.path.exists(done)):
            self.is_missed = True
            self.remarks.append("not done: " + ", ".join(self.traces()))
            return
        there = os.stat(done)
        self.done_s = there.st_ctime
        claimed_s = os.stat(os.path.dirname(self.path())).st_mtime
        if not self.sets_times and claimed_s < there.st_mtime - COARSE_S:
            self.is_early = True
            self.remarks.append("claimed %.3f s before its last byte" % (there.st_mtime - claimed_s))

    def traces(self):
        return ["%s/%s" % (place, rel) for place in kit.PLACES
                for rel in kit.files(self.mode.spool.path(place, self.folder))]

    def judge_end(self, results):
        """When all is over. RESULTS: digest by rendition of an undisturbed run."""
        spool = self.mode.spool
        originals = [trace for trace in self.traces() if not kit.tree.is_ours(trace)]
        self.is_twice = len(originals) > 1
        if not self.is_missed and kit.digest(spool.path("done", self.folder, self.rel)) != kit.digest(self.source):
            self.is_torn = True
            self.remarks.append("done/ has other bytes")
        for rendition, digest in results.items():
            made = kit.files(spool.path("out", rendition, self.folder))
            self.is_twice |= len(made) > 1
            if any(kit.digest(spool.path("out", rendition, self.folder, name)) != digest for name in made):
                self.is_torn = True
                self.remarks.append("out/%s has another picture" % rendition)
            if not self.is_missed and not made:
                self.is_torn = True
                self.remarks.append("out/%s has nothing" % rendition)

    def milliseconds(self):
        return None if self.done_s is None else max(0.0, (self.done_s - self.whole_s) * 1000)
