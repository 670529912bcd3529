#!/usr/bin/env python3
"""write-log.py [--fs NAME] [--images N] [--seed N]: the power fails at any moment, and the disk had
not written all that it was told.

The daemon develops pictures on a file system whose disk remembers every write (disk.py), while
pictures come, STOPs come and go, failed ones are retried and the daemon is killed and started
(story.py). Then N images of that disk are made: all that was written before the last flush, and of
what came later each 4 KiB page by chance. Each is mounted, the daemon recovers, and nothing may be
lost, torn, doubled, forgotten or left over, and nobody has to help. Every second recording begins
on such an image: there the recovery itself is cut off.

The same is done without one of the mechanisms (without.c), and has to find something: CONTROLS.
A recording in which something is wrong is kept: write-log.py --replay FOLDER --image N.
Root only; skipped where FUSE, loop devices or the file systems' tools are missing.
"""
import argparse
import atexit
import collections
import hashlib
import os
import random
import shutil
import signal
import sys
import time

import disk
import kit
import story

DAEMON = kit.program("darkroomd", "DARKROOMD")
SHIM = kit.program("tests/crash/without.so", "WITHOUT_SO")
PER_RECORDING = 75
WAITING = 24            # pictures in the inbox when a recording begins
CHANCES = (0, 0.5, 0.5, 1)  # of a page that was not flushed to be on the disk
NEAR = 6                # records after an answer of the daemon: there it is most likely to be a lie
# What is taken out: options of the daemon, mechanisms, and the file systems on which that shows.
CONTROLS = {
    "durability=fast": (["-o", "spool.durability=fast"], "", ("ext4", "xfs", "btrfs")),
    "no fsync of results": ([], "results", ("ext4", "xfs", "btrfs")),
    "done/ before processing/, no same-inode rule": ([], "order,inodes", ("btrfs",)),
    # Told, not asked for: one of the two mechanisms may do, and the later fsyncs make up for this one.
    "done/ before processing/": ([], "order", ()),
    "no same-inode rule": ([], "inodes", ()),
    "no fsync of out/": ([], "out", ()),
}
GOOD = [kit.sample("jpeg/444.jpg"), kit.sample("jpeg/17x17.jpg"), kit.sample("orientation/F6.jpg"),
        kit.sample("jpeg/1x1000.jpg")]
BAD = kit.sample("bad/12-bit.jpg")


class Bench:
    """A folder for the images of a file system, and one where they are mounted: always the same,
    for what is taken out is named by its path."""

    def __init__(self, system, pictures, seed, control=None):
        self.system, self.pictures, self.seed = system, pictures, seed
        self.options, self.without, _ = CONTROLS[control] if control else ([], "", ())
        self.name = control or "all in order"
        self.folder, self.mount = kit.fresh_folder(), kit.fresh_folder()
        self.n_boots = 0
        self.tally = collections.Counter()

    def random(self, *words):
        return random.Random(":".join(str(word) for word in (self.seed, self.system, self.name) + words))

    def environment(self):
        """Of a machine that was started again."""
        self.n_boots += 1
        boot = os.path.join(self.folder, "boot_id")
        with open(boot, "w") as file:
            file.write("00000000-0000-0000-0000-%012d\n" % self.n_boots)
        env = {"LD_PRELOAD": SHIM, "BOOT_ID": boot}
        if self.without:
            env.update(WITHOUT=self.without, WITHOUT_ROOT=self.spool().root)
        return env

    def spool(self):
        spool = kit.Spool(DAEMON, os.path.join(self.mount, "spool"))
        spool.log = self.folder + ".log"
        return spool

    # -- a recording --

    def prepare(self, image, told, rng, is_made):
        """A new disk with pictures in the inbox; IS_MADE: the other folders are there as well."""
        disk.make(self.system, image)
        mounted = disk.Mount(self.system, image, self.mount)
        try:
            spool = self.spool()
            if is_made:
                spool.once()
            for _ in range(WAITING):
                told.n_pictures += 1
                rel, data, like = self.pictures.make(told.n_pictures, rng)
                told.known[hashlib.sha256(data).hexdigest()] = [rel, like]
                spool.drop(rel, data)
        finally:
            mounted.drop()

    def record(self, number, seconds, before=None):
        """A folder with base.img, log and story.json. BEFORE: an image, and its story, to begin with."""
        folder = os.path.join(self.folder, "recording-%d" % number)
        os.makedirs(folder)
        image, base = os.path.join(folder, "disk.img"), os.path.join(folder, "base.img")
        told, rng = story.Story(), self.random("recording", number)
        if before:
            os.rename(before[0], base)
            told.n_pictures, told.known = before[1].n_pictures, dict(before[1].known)
        else:
            self.prepare(base, told, rng, is_made=number % 4 != 0)
        disk.copy(base, image)
        recorder = disk.Recorder(WRITE_LOG, self.system, image, os.path.join(folder, "log"), self.mount)
        try:
            teller = story.Teller(self.pictures, self.spool(), recorder, self.options,
                                  self.environment(), rng, told)
            why = teller.tell(seconds)
        finally:
            recorder.drop()
        kit.ok(why is None or bool(self.without), "%s, %s: the recording: %s" % (self.system, self.name, why),
               quiet=True)
        os.unlink(image)
        told.save(os.path.join(folder, "story.json"))
        self.tally.update(told.count)
        return folder, told

    # -- images of it --

    def choose(self, number, told, log):
        """How much of the log image NUMBER has, and the chance of a page that was not flushed."""
        rng = self.random("image", number)
        last = log.index(told.end)
        at = rng.randint(1, last)
        if told.acks and rng.random() < 0.5:
            at = min(last, log.index(rng.choice(told.acks)[1]) + rng.randint(0, NEAR))
        return max(1, at), rng.choice(CHANCES), rng

    def images(self, folder, told, numbers, latest_first=False):
        """Each of NUMBERS as (number, its file, its moment)."""
        log = disk.Log(os.path.join(folder, "log"), told.end)
        rebuilder = disk.Rebuilder(os.path.join(folder, "base.img"), log, self.folder)
        target = os.path.join(self.folder, "image.img")
        choices = {number: self.choose(number, told, log) for number in numbers}
        for number in sorted(numbers, key=lambda n: choices[n][0], reverse=latest_first):
            n_records, chance, rng = choices[number]
            n_lost = rebuilder.build(n_records, chance, rng, target)
            self.tally["images"] += 1
            self.tally["pages lost"] += n_lost
            yield number, target, log.moment(n_records)

    def judge(self, image, told, moment):
        """What is wrong with IMAGE, before and after the recovery."""
        try:
            mounted = disk.Mount(self.system, image, self.mount)
        except OSError as error:
            return ["cannot be mounted: %s" % error]
        try:
            spool = self.spool()
            self.count_states(spool)
            wrong = self.look(spool, told, moment)
            for name in ("STOP", "inbox/STOP"):
                if os.path.exists(spool.path(name)):
                    os.unlink(spool.path(name))
            status = spool.once(env=self.environment(), options=self.options)
            wrong += [] if status in (0, 1) else ["the recovery ended with %s" % status]
            wrong += ["recovered, " + what for what in self.look(spool, told, moment)]
            return wrong + kit.unfinished(spool, self.pictures.expected)
        finally:
            mounted.drop()

    def count_states(self, spool):
        """In how many images is a job in J1 ... J5, or under two names at once?"""
        if os.path.isdir(spool.path(".darkroom/jobs")):
            self.tally.update(state for state, n in kit.disk_states(spool).items() if n > 0)
        self.tally["twice"] += bool(kit.two_names(spool))

    def look(self, spool, told, moment):
        expected = self.pictures.expected
        unsure = {name for name in told.known if told.originals.get(name, moment + 1) > moment}
        wrong = kit.lost_or_doubled(spool, expected, set(told.known), dropped=unsure)
        for path, since, until in told.acks:
            if since <= moment and (until is None or moment < until):
                wrong += self.broken_word(spool, path)
        return wrong

    def broken_word(self, spool, path):
        """The daemon had said that it is done with PATH."""
        place, rel = path.split("/", 1)
        self.tally["answers checked"] += 1
        if not os.path.exists(spool.path(path)):
            return ["forgotten: " + path]
        if place == "failed":
            return [] if kit.error_text(spool, rel) else ["forgotten: %s.error.txt" % path]
        results = self.pictures.expected.results.get(kit.digest(spool.path(path)), {})
        return kit.wrong_results(spool, self.pictures.expected, rel, results)


def kind_of(what):
    """The sentence WHAT without its names and numbers."""
    words = what.removeprefix("recovered, ").split(":")[0].split()
    return " ".join(word for word in words if "/" not in word and not word.isdigit())


def storm(bench, images, seconds, is_control=False, until_one=False):
    """IMAGES images of as many recordings as that takes. Returns: how many had something wrong."""
    n_wrong = number = 0
    before = None
    kinds = collections.Counter()
    for first in range(0, images, PER_RECORDING):
        folder, told = bench.record(number, seconds, before)
        is_kept = False
        numbers = range(first, min(images, first + PER_RECORDING))
        for which, image, moment in bench.images(folder, told, numbers, until_one):
            wrong = bench.judge(image, told, moment)
            n_wrong += bool(wrong)
            kinds.update({kind_of(what) for what in wrong})
            if not is_control and not kit.ok(not wrong, "%s, image %d: %s" % (
                    bench.system, which, "; ".join(wrong[:12])), quiet=True):
                print(bench.spool().log_end(20))
                is_kept = True
            if until_one and wrong:
                break
        before = following(bench, folder, told) if number % 2 == 0 and first + PER_RECORDING < images else None
        if is_kept:
            keep(bench, folder)
        else:
            shutil.rmtree(folder)
        number += 1
    tell(bench, number, n_wrong, kinds)
    return n_wrong


def following(bench, folder, told):
    """An image in the middle of the recording, for the next one to begin with."""
    rng = bench.random("following")
    log = disk.Log(os.path.join(folder, "log"), told.end)
    target = os.path.join(bench.folder, "following.img")
    at = rng.randint(log.index(told.end) // 4, log.index(told.end) // 2)
    disk.Rebuilder(os.path.join(folder, "base.img"), log, bench.folder).build(at, 0.5, rng, target)
    return target, told


def keep(bench, folder):
    kept = os.path.join(os.environ.get("TMPDIR", "/tmp"), "write-log-%s-%d-%s" % (
        bench.system, bench.seed, os.path.basename(folder)))
    shutil.copytree(folder, kept)
    kit.note("kept: " + kept)


def tell(bench, n_recordings, n_wrong, kinds):
    t = bench.tally
    kit.note("%s, %s: %d images of %d recordings (%d pictures came, %d STOPs, %d kills, %d retried), "
             "%d pages lost, %d answers of the daemon checked; with jobs in %s, under two names %d: "
             "%d images with a fault%s" % (
                 bench.system, bench.name, t["images"], n_recordings, t["added"], t["STOPs"], t["kills"],
                 t["retried"], t["pages lost"], t["answers checked"],
                 " ".join("J%d: %d" % (i, t["J%d" % i]) for i in range(1, 6)), t["twice"], n_wrong,
                 "".join(", %s %d" % item for item in kinds.most_common())))


def replay(arguments, pictures):
    """Images of a recording that was kept; before the recovery they are copied beside it."""
    system = arguments.fs[0]
    bench = Bench(system, pictures, arguments.seed)
    told = story.Story.load(os.path.join(arguments.replay, "story.json"), pictures)
    for number, image, moment in bench.images(arguments.replay, told, arguments.image):
        shutil.copy(image, os.path.join(arguments.replay, "image-%d.img" % number))
        wrong = bench.judge(image, told, moment)
        kit.ok(not wrong, "image %d: %s" % (number, "; ".join(wrong)))
        print(bench.spool().log_end(40))


def why_not(system):
    """None, or why SYSTEM cannot be tried here."""
    if shutil.which(disk.SYSTEMS[system][0][0]) is None:
        return "no " + disk.SYSTEMS[system][0][0]
    folder = kit.fresh_folder()
    image, log = os.path.join(folder, "disk.img"), os.path.join(folder, "log")
    try:
        disk.make(system, image)
        disk.Recorder(WRITE_LOG, system, image, log, kit.fresh_folder()).drop()
    except OSError as error:
        return str(error)
    return None


def try_system(system, pictures, arguments):
    why = why_not(system)
    if why is not None:
        kit.note("skipped: %s: %s" % (system, why))
        return False
    began = time.monotonic()
    storm(Bench(system, pictures, arguments.seed), arguments.images, arguments.seconds)
    is_brief = arguments.images < PER_RECORDING
    for control, (_, _, shows_on) in CONTROLS.items():
        if is_brief and control != "durability=fast":
            continue
        n_wrong = storm(Bench(system, pictures, arguments.seed, control), arguments.controls,
                        arguments.seconds, is_control=True, until_one=is_brief)
        if system in shows_on:
            kit.ok(n_wrong > 0, "%s, %s: something is found, so this test can fail" % (system, control))
    kit.note("%s: %.0f s" % (system, time.monotonic() - began))
    return True


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fs", nargs="+", choices=list(disk.SYSTEMS), default=list(disk.SYSTEMS))
    parser.add_argument("--images", type=int,
                        default=int(os.environ.get("WRITE_LOG_IMAGES", "2" if kit.BRIEF else "5")))
    parser.add_argument("--controls", type=int, default=0, help="images of each control")
    parser.add_argument("--seconds", type=float, default=0, help="of a recording")
    parser.add_argument("--seed", type=int,
                        default=int(os.environ.get("WRITE_LOG_SEED", str(os.getpid()))))
    parser.add_argument("--replay", metavar="FOLDER")
    parser.add_argument("--image", type=int, nargs="+", default=[])
    arguments = parser.parse_args()
    is_brief = arguments.images < PER_RECORDING
    arguments.controls = arguments.controls or (20 if is_brief else PER_RECORDING)
    arguments.seconds = arguments.seconds or (1 if is_brief else 6)
    return arguments


def main():
    global WRITE_LOG
    arguments = parse()
    if os.geteuid() != 0:
        kit.skip("mounting needs root")
    if not os.access("/dev/fuse", os.W_OK):
        kit.skip("no /dev/fuse")
    if not os.access(os.environ.get("WRITE_LOG", "tests/crash/write-log"), os.X_OK):
        kit.skip("tests/crash/write-log was not built (Debian: libfuse3-dev)")
    WRITE_LOG = kit.program("tests/crash/write-log", "WRITE_LOG")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    kit.fresh_folder(in_memory=True)
    if "KEEP" not in os.environ:
        atexit.register(shutil.rmtree, kit.scratch, ignore_errors=True)  # last, after all unmounts
    pictures = story.Pictures(DAEMON, GOOD, BAD)
    kit.note("seed %d" % arguments.seed)
    if arguments.replay:
        if len(arguments.fs) != 1 or not arguments.image:
            kit.skip("--replay wants the --fs, the --seed and the --image that it is about")
        replay(arguments, pictures)
    elif not any([try_system(system, pictures, arguments) for system in arguments.fs]):
        kit.skip("no file system could be recorded")
    kit.finish()


main()
