#!/usr/bin/env python3
"""noticed.py [SCENARIO...]: nothing is missed when the kernel's events do not tell all.

    overflow    60,000 files come while the daemon stands still: the queue of events overflows
    limit       the kernel watches no more folders: the others are polled, one warning says so
    instances   the kernel gives no inotify at all: everything is polled, a warning says so
    churn       folders are made, renamed, moved and deleted at random while photographs come
    links       what is no file is listed and left alone
    killed      copiers that are killed leave halves: these wait for `incomplete`, then they fail
The rescan, polling and `incomplete` are put off for an hour, so that they do not make good what was
missed. CHURN_S, CHURN_SEED and NOTICED_FILES are for longer runs.
"""
import os
import random
import shutil
import signal
import subprocess
import sys
import time

from arrival import PATIENCE_S, Mode, kit

N_FILES = int(os.environ.get("NOTICED_FILES", "60000"))
N_PHOTOS = 300
CHURN_S = float(os.environ.get("CHURN_S", "6"))
SEED = int(os.environ.get("CHURN_SEED", str(random.randrange(1 << 31))))
N_FOLDERS, N_WATCHES = 60, 20
TINY = "jpeg/17x17.jpg"
OPTIONS = ["-o", "spool.rescan=1h", "-o", "spool.poll_interval=1h", "-o", "spool.incomplete=1h",
           "-o", "spool.min_free=0", "-o", "spool.durability=fast"]


def photo(text):
    return kit.sample(TINY, text)


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def fresh(name, *options):
    mode = Mode(name, kit.fresh_folder(in_memory=True), OPTIONS + list(options), False)
    os.makedirs(os.path.join(mode.disk, "stage"))
    return mode


def below(mode, place):
    return [rel for rel in kit.files(mode.spool.path(place)) if not kit.tree.is_ours(rel)]


def wait_done(mode, n):
    return kit.wait_for(PATIENCE_S, lambda: len(below(mode, "done")) >= n)


def check_done(mode, what, wanted):
    """done/ has these photographs, by the last component of their names, and each result once."""
    wait_done(mode, len(wanted))
    done = sorted(os.path.basename(rel) for rel in below(mode, "done"))
    missed = sorted(set(wanted) - set(done))
    kit.ok(done == sorted(wanted), "%s: all %d are done, each once (%d are; missed %s)" % (
        what, len(wanted), len(done), missed[:3]))
    for rendition in kit.RENDITIONS:
        n = len(kit.files(mode.spool.path("out", rendition)))
        kit.ok(n == len(wanted), "%s: out/%s has %d" % (what, rendition, n))
    kit.ok(not below(mode, "failed"), "%s: none failed" % what)


# ---- too many events -----------------------------------------------------------------------

def flood(mode, folders):
    """Files of three kinds into the folders in turn. The names of the photographs and the rest."""
    photos, others = [], []
    every = N_FILES // N_PHOTOS
    for i in range(N_FILES):
        folder = mode.spool.path("inbox", folders[i % len(folders)])
        if i % every == every // 2:
            photos.append("photo-%d.jpg" % i)
            write(os.path.join(folder, photos[-1]), photo("flood %d" % i))
        elif i % 10 == 0:
            others.append("note-%d.txt" % i)
            write(os.path.join(folder, others[-1]), b"no picture at all")
        else:
            os.close(os.open(os.path.join(folder, "%d.tmp" % i), os.O_CREAT | os.O_WRONLY, 0o644))
    return photos, others


def overflow():
    mode = fresh("overflow")
    folders = ["one", "two/deep", "three"]
    for folder in folders:
        os.makedirs(mode.spool.path("inbox", folder))
    mode.start()
    for folder in folders:
        mode.spool.drop(folder + "/%s.jpg" % folder[:3], photo(folder))
    kit.ok(wait_done(mode, len(folders)), "overflow: the folders are watched")
    mode.daemon.send_signal(signal.SIGSTOP)
    begun = time.monotonic()
    photos, others = flood(mode, folders)
    # After the queue is full nobody is told of these either.
    os.makedirs(mode.spool.path("inbox/late/later"))
    write(mode.spool.path("inbox/late/later/late.jpg"), photo("late"))
    os.rename(mode.spool.path("inbox/three"), mode.spool.path("inbox/renamed"))
    kit.note("%d files in %.1f s; the kernel keeps %s events" % (
        N_FILES, time.monotonic() - begun, open("/proc/sys/fs/inotify/max_queued_events").read().strip()))
    mode.daemon.send_signal(signal.SIGCONT)
    begun = time.monotonic()
    check_done(mode, "overflow", photos + ["late.jpg"] + [folder[:3] + ".jpg" for folder in folders])
    kit.note("the last was done after %.1f s" % (time.monotonic() - begun))
    kit.ok(mode.log_has("event=watch-anew") > 0, "overflow: the watching was begun anew")
    there = [rel for rel in below(mode, "inbox") if rel.endswith(".txt")]
    kit.ok(len(there) == len(others), "overflow: the %d other files are where they were" % len(others))
    write(mode.spool.path("inbox/renamed/after.jpg"), photo("after"))
    kit.ok(kit.wait_for(PATIENCE_S, lambda: os.path.exists(mode.spool.path("done/renamed/after.jpg"))),
           "overflow: it is watched again")
    mode.ends_well()


# ---- too few watches -----------------------------------------------------------------------

def in_namespace(mode, *settings):
    """The daemon in a user namespace with sysctls of its own. False: not possible here."""
    lines = "".join("echo %d > /proc/sys/user/%s && " % (value, name) for name, value in settings)
    shell = ["unshare", "-U", "-r", "sh", "-c"]
    if subprocess.run(shell + [lines + "true"], stderr=subprocess.DEVNULL).returncode != 0:
        kit.note("%s is left out: no user namespace with its own limits here" % mode.name)
        return False
    mode.spool.daemon = os.path.join(mode.disk, "daemon.sh")
    write(mode.spool.daemon, ('#!/bin/sh\nexec unshare -U -r sh -c \'%sexec "$0" "$@"\' "%s" "$@"\n' % (
        lines, kit.program("./darkroomd", "DARKROOMD"))).encode())
    os.chmod(mode.spool.daemon, 0o755)
    return mode.start("-o", "spool.poll_interval=300ms")


def limit():
    mode = fresh("limit")
    wanted = []
    for i in range(N_FOLDERS // 2):
        mode.spool.drop("old-%d/deep/old-%d.jpg" % (i, i), photo("old %d" % i))
        wanted.append("old-%d.jpg" % i)
    if not in_namespace(mode, ("max_inotify_watches", N_WATCHES)):
        return
    check_done(mode, "limit, what was there", wanted)
    for i in range(N_FOLDERS):
        folder = mode.spool.path("inbox/new-%d/deep" % i if i % 2 else "inbox/old-%d/deep" % (i // 2))
        wanted.append("new-%d.jpg" % i)
        os.makedirs(folder, exist_ok=True)
        write(os.path.join(mode.disk, "stage/install.jpg"), photo("new %d" % i))
        if subprocess.run(["install", "-m644", os.path.join(mode.disk, "stage/install.jpg"),
                           os.path.join(folder, wanted[-1])]).returncode != 0:
            kit.ok(False, "limit: install ends well")
    # Halves, closed; their ends come later.
    data = photo("half")
    halves = [mode.spool.path("inbox/old-%d/deep/half-%d.jpg" % (i, i)) for i in range(N_FOLDERS // 2)]
    for path in halves:
        write(path, data[:len(data) // 2])
        wanted.append(os.path.basename(path))
    time.sleep(1)
    kit.ok(all(os.path.exists(path) for path in halves), "limit: halves are not touched")
    for path in halves:
        with open(path, "ab") as file:
            file.write(data[len(data) // 2:])
    begun = time.monotonic()
    check_done(mode, "limit, what came", wanted)
    kit.note("the last was done %.1f s after it was whole" % (time.monotonic() - begun))
    warnings = mode.log_has("event=too-many-folders")
    kit.ok(warnings == 1 and mode.log_has("fs.inotify.max_user_watches") == 1,
           "limit: one warning names the sysctl (%d)" % warnings)
    mode.ends_well()


def instances():
    mode = fresh("instances")
    if not in_namespace(mode, ("max_inotify_instances", 0)):
        return
    mode.spool.drop("a/photo.jpg", photo("a"))
    mode.options += ["-o", "spool.settle=500ms"]
    check_done(mode, "instances", ["photo.jpg"])
    kit.ok(mode.log_has("fs.inotify.max_user_instances") == 1, "instances: one warning names the sysctl")
    mode.ends_well()


# ---- churn ---------------------------------------------------------------------------------

class Churn:
    """Somebody who cannot make up his mind. What he takes away lies in `away`."""

    def __init__(self, mode, rng):
        self.mode, self.rng = mode, rng
        self.top = mode.spool.path("inbox")
        self.away = os.path.join(mode.disk, "away")
        os.makedirs(self.away)
        self.n = self.n_photos = 0
        self.counts = {}

    def folders(self):
        return [folder for folder, _, _ in os.walk(self.top)]

    def pick(self):
        return self.rng.choice(self.folders())

    def name(self, prefix):
        self.n += 1
        return "%s%d" % (prefix, self.n)

    def drop(self):
        name, folder = "p%05d.jpg" % self.n_photos, self.pick()
        data = photo("churn %d" % self.n_photos)
        staged = os.path.join(self.mode.disk, "stage", name)
        write(staged, data)
        if self.rng.random() < 0.5:
            os.rename(staged, os.path.join(folder, name))
        else:
            shutil.copyfile(staged, os.path.join(folder, name))
            os.unlink(staged)
        self.n_photos += 1

    def make(self):
        os.makedirs(os.path.join(self.pick(), self.name("d"), self.name("d")))

    def rename(self):
        folder = self.pick()
        if folder != self.top:
            os.rename(folder, os.path.join(os.path.dirname(folder), self.name("r")))

    def move(self):
        folder, into = self.pick(), self.pick()
        if folder != self.top and not (into + "/").startswith(folder + "/") and into.count("/") < 20:
            os.rename(folder, os.path.join(into, self.name("m")))

    def out_and_in(self):
        """A folder leaves the inbox, gets a photograph, and comes back under another name."""
        folder = self.pick()
        if folder == self.top:
            return
        outside = os.path.join(self.mode.disk, "stage", self.name("o"))
        os.rename(folder, outside)
        name = "p%05d.jpg" % self.n_photos
        write(os.path.join(outside, name), photo("churn %d" % self.n_photos))
        self.n_photos += 1
        os.rename(outside, os.path.join(self.pick(), self.name("b")))

    def move_photo(self):
        folder, into = self.pick(), self.pick()
        for name in os.listdir(folder):
            if name.endswith(".jpg") and not os.path.exists(os.path.join(into, name)):
                os.rename(os.path.join(folder, name), os.path.join(into, name))
                return

    def delete(self):
        """rm -r, but what is deleted is kept to be counted."""
        top = self.pick()
        if top == self.top:
            return
        for folder, _, names in os.walk(top, topdown=False):
            for name in names:
                self.delete_one(os.path.join(folder, name), os.path.join(self.away, name))
            os.rmdir(folder)

    def delete_one(self, path, kept):
        if self.rng.random() < 0.5:
            os.rename(path, kept)
            return
        os.link(path, kept)
        try:
            os.unlink(path)
        except FileNotFoundError: # claimed in between: not ours any more
            os.unlink(kept)

    def step(self):
        action = self.rng.choices(
            [self.drop, self.make, self.rename, self.move, self.out_and_in, self.move_photo, self.delete],
            [40, 14, 10, 8, 8, 10, 6])[0]
        try:
            action()
        except (FileNotFoundError, OSError):
            pass # the daemon, or he himself, was faster
        self.counts[action.__name__] = self.counts.get(action.__name__, 0) + 1


def churn():
    kit.note("CHURN_SEED=%d" % SEED)
    mode = fresh("churn", "-o", "limits.depth=100", "-o", "spool.prune_after=1s")
    mode.start()
    person = Churn(mode, random.Random(SEED))
    ends = time.monotonic() + CHURN_S
    while time.monotonic() < ends:
        person.step()
        time.sleep(person.rng.random() * 0.004)
    kit.note("churn: " + ", ".join("%s %d" % item for item in sorted(person.counts.items())))
    is_over = kit.wait_for(PATIENCE_S, lambda: not below(mode, "inbox") and not below(mode, "processing"))
    kit.ok(is_over, "churn: nothing is left; %s" % (below(mode, "inbox") + below(mode, "processing"))[:3])
    places = {}
    for place, top in (("done", mode.spool.path("done")), ("away", person.away),
                       ("failed", mode.spool.path("failed")), ("stage", os.path.join(mode.disk, "stage"))):
        for rel in kit.files(top):
            places.setdefault(kit.digest(os.path.join(top, rel)), []).append("%s/%s" % (place, rel))
    wanted = {kit.hashlib.sha256(photo("churn %d" % i)).hexdigest(): i for i in range(person.n_photos)}
    lost = [i for digest, i in wanted.items() if digest not in places]
    doubled = [where for digest, where in places.items() if len(where) > 1]
    torn = [where for digest, where in places.items() if digest not in wanted]
    kit.ok(not lost, "churn: of %d photographs none is lost %s" % (person.n_photos, lost[:3]))
    kit.ok(not doubled, "churn: none is there twice %s" % doubled[:3])
    kit.ok(not torn, "churn: none has other bytes, none failed %s" % torn[:3])
    n_done = sum(where[0].startswith("done/") for where in places.values())
    for rendition in kit.RENDITIONS:
        n = len(kit.files(mode.spool.path("out", rendition)))
        kit.ok(n == n_done, "churn: out/%s has %d of %d" % (rendition, n, n_done))
    kit.ok(n_done > 0, "churn: %d were deleted before they were developed" % (person.n_photos - n_done))
    mode.ends_well()


# ---- what is no file -----------------------------------------------------------------------

def status(mode):
    with open(mode.spool.path("STATUS")) as file:
        return file.read()


def links():
    mode = fresh("links")
    outside = os.path.join(mode.disk, "stage/outside")
    os.makedirs(outside)
    write(outside + "/secret.jpg", photo("secret"))
    os.symlink(outside + "/secret.jpg", mode.spool.path("inbox/early.jpg"))
    mode.start()
    os.symlink(outside + "/secret.jpg", mode.spool.path("inbox/link.jpg"))
    os.symlink(outside, mode.spool.path("inbox/album"))
    os.symlink("/nowhere/at/all", mode.spool.path("inbox/dangling.jpg"))
    os.mkfifo(mode.spool.path("inbox/pipe.jpg"))
    names = ("early.jpg", "link.jpg", "album", "dangling.jpg", "pipe.jpg")
    kit.ok(kit.wait_for(PATIENCE_S, lambda: all(name in status(mode) for name in names)),
           "links: STATUS lists them all")
    kit.ok("link" in status(mode) and "pipe" in status(mode), "links: it says what they are")
    os.unlink(mode.spool.path("inbox/dangling.jpg"))
    write(outside + "/real.jpg", photo("real"))
    os.rename(outside + "/real.jpg", mode.spool.path("inbox/link.jpg"))
    check_done(mode, "links: a file in the place of one", ["link.jpg"])
    kit.ok(kit.wait_for(PATIENCE_S, lambda: "dangling.jpg" not in status(mode)), "links: a deleted one is not listed")
    kit.ok(os.listdir(outside) == ["secret.jpg"], "links: what they lead to is as it was")
    kit.ok(os.path.islink(mode.spool.path("inbox/early.jpg")), "links: they are as they were")
    mode.ends_well()


# ---- copiers that die ----------------------------------------------------------------------

def copy_and_die(mode, name, data):
    """A copier that is killed halfway, with the file open."""
    path = mode.spool.path("inbox", name)
    copier = subprocess.Popen(["dd", "status=none", "of=" + path], stdin=subprocess.PIPE)
    copier.stdin.write(data[:len(data) // 2])
    copier.stdin.flush()
    kit.wait_for(PATIENCE_S, lambda: os.path.exists(path) and os.path.getsize(path) > 0)
    copier.kill()
    copier.wait()


def killed():
    mode = fresh("killed", "-o", "spool.incomplete=5s")
    mode.start()
    data = kit.sample("photo/fire.jpg")
    begun = time.monotonic()
    for name in ("left.jpg", "again.jpg"):
        copy_and_die(mode, name, data)
    kit.ok(kit.wait_for(PATIENCE_S, lambda: "half-copied" in status(mode)), "killed: STATUS says half-copied")
    write(mode.spool.path("inbox/again.jpg"), data)
    kit.ok(kit.wait_for(PATIENCE_S, lambda: below(mode, "done") == ["again.jpg"]),
           "killed: one that is copied again is developed")
    kit.ok(kit.wait_for(PATIENCE_S, lambda: below(mode, "failed") == ["left.jpg"]), "killed: the other one fails")
    failed_s = time.monotonic() - begun
    kit.ok(failed_s > 4, "killed: but not before its time (after %.1f s, incomplete = 5s)" % failed_s)
    kit.ok(kit.wait_for(PATIENCE_S, lambda: os.path.exists(mode.spool.path("failed/left.jpg.error.txt"))),
           "killed: it is said why")
    mode.ends_well()


SCENARIOS = (overflow, limit, instances, churn, links, killed)


def main():
    kit.at_once(SCENARIOS, sys.argv[1:])
    kit.finish()


main()
