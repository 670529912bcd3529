"""kit.py - what the crash tests stand on: a spool, the real daemon on it, the disk table.

The promise, checked by lost_or_doubled() at every moment and by unfinished() at the end:
every original lies in exactly one of inbox, processing, done, failed, with the bytes that it
had; every result in out/ is whole and there once; nothing is left of work that is over.
A result is right when it has the bytes that an undisturbed daemon makes, and those were decoded by
decoders that are not ours (flow/tree.py). One that was made alone, after the others were kept, may
differ in its last bits: it is decoded, and its pixels are compared.
"""
import concurrent.futures
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
import zlib

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(os.path.join(HERE, "../.."))
SAMPLES = os.path.join(TOP, "tests/samples")
sys.path.insert(0, os.path.join(TOP, "tests/flow"))
import tree  # noqa: E402

PLACES = ("inbox", "processing", "done", "failed")
RENDITIONS = ("web", "thumb")
BRIEF = "CRASH_BRIEF" in os.environ  # a second build of the same sources: less of everything
SKIP = 77          # automake's exit status for a test that cannot be run here
END_S = 60         # what hangs ends the test, not the patience
QUICK = ["-o", "spool.quiet=100ms", "-o", "spool.settle=300ms", "-o", "spool.incomplete=1s",
         "-o", "spool.min_free=0"]

n_passed = 0
n_failed = 0
counting = threading.Lock()
scratch = None


def program(name, variable):
    path = os.path.realpath(os.environ.get(variable, name))
    if not os.access(path, os.X_OK):
        print("no %s here; run in a build folder, or set %s" % (name, variable))
        sys.exit(99)
    return path


def ok(is_good, what, quiet=False):
    """Count a test; one that passed is told only when it is not QUIET."""
    global n_passed, n_failed
    with counting:
        if is_good:
            n_passed += 1
        else:
            n_failed += 1
        if not is_good or not quiet:
            print("%s - %s" % ("ok" if is_good else "not ok", what), flush=True)
    return is_good


def note(text):
    with counting:
        print("# " + text, flush=True)


def at_once(scenarios, names):
    """Run those of the functions SCENARIOS that are NAMED, or all, each in a thread of its own."""
    fresh_folder(in_memory=True)  # the first makes the folder of all
    chosen = [scenario for scenario in scenarios if not names or scenario.__name__ in names]
    with concurrent.futures.ThreadPoolExecutor(max(1, len(chosen))) as pool:
        for future in [pool.submit(scenario) for scenario in chosen]:
            future.result()


def skip(why):
    print("skipped: " + why)
    sys.exit(SKIP)


def finish():
    print("%d passed, %d failed" % (n_passed, n_failed))
    if "KEEP" not in os.environ and scratch is not None:
        shutil.rmtree(scratch, ignore_errors=True)
    sys.exit(0 if n_failed == 0 and n_passed > 0 else 1)


def fresh_folder(in_memory=False):
    """A new folder that finish() removes. IN_MEMORY: where no disk is waited for."""
    global scratch
    if scratch is None:
        base = os.environ.get("TMPDIR", "/tmp")
        if in_memory and os.access("/dev/shm", os.W_OK):
            base = "/dev/shm"
        scratch = tempfile.mkdtemp(prefix="darkroom-crash.", dir=base)
    return tempfile.mkdtemp(dir=scratch)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def files(top):
    return tree.files_below(top)


# ---- originals and what is to become of them ------------------------------------------------

def comment(data, text):
    """The same JPEG with other bytes, so that each can be told from the others."""
    return data[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + data[2:]


def sample(name, text=None):
    with open(os.path.join(SAMPLES, name), "rb") as file:
        data = file.read()
    return data if text is None else comment(data, text.encode())


class Expected:
    """Which originals a spool was given, and which results each of them makes."""

    def __init__(self):
        self.results = {}  # sha256 of an original: {rendition: sha256}; empty: it is rejected
        self.names = {}    # sha256: a name for the report
        self.n_bytes = 0   # of all results of the reference
        self.pixels = {}   # sha256 of a result: (width, height, grey pixels or None)

    def learn(self, daemon, pictures, options=()):
        """Develop PICTURES {rel: bytes} undisturbed, and keep what came out."""
        spool = Spool(daemon, fresh_folder())
        for rel, data in pictures.items():
            spool.drop(rel, data)
        spool.once(options=options)
        counts = tree.Counts()
        tree.check_done(counts, spool.root)
        ok(counts.failed == 0, "the reference: %d checks by other decoders" % counts.passed)
        for place in ("done", "failed"):
            for rel in files(spool.path(place)):
                if not tree.is_ours(rel):
                    self.take(spool, place, rel)
        ok(len(self.results) == len(pictures), "the reference holds all %d pictures" % len(pictures))
        shutil.rmtree(spool.root)

    def take(self, spool, place, rel):
        name = digest(spool.path(place, rel))
        self.names[name] = rel
        self.results[name] = {}
        for rendition in RENDITIONS if place == "done" else ():
            found = result_of(spool, rendition, rel)
            if found:
                self.results[name][rendition] = digest(found[0])
                self.n_bytes += os.path.getsize(found[0])
                self.look(found[0])

    def look(self, path):
        """The pixels of the result PATH, or None when it is not whole."""
        name = digest(path)
        if name not in self.pixels:
            with open(path, "rb") as file:
                kind = tree.kind_of(file.read(8))
            try:
                decode = {"jpeg": tree.decode_jpeg, "png": tree.decode_png}.get(kind)
                self.pixels[name] = decode(path)[0] if decode else None
            except (ValueError, IndexError, zlib.error):
                self.pixels[name] = None
        return self.pixels[name]

    def is_right(self, path, name):
        """Is the result PATH the picture that has NAME when it is made undisturbed?"""
        found, wanted = self.look(path), self.pixels[name]
        if found is None or found[:2] != wanted[:2]:
            return False
        if digest(path) == name or found[2] is None:
            return digest(path) == name
        return sum(abs(a - b) for a, b in zip(found[2], wanted[2])) < 4 * len(wanted[2])

    def same(self, data, like):
        """DATA, an original with another comment, makes what LIKE makes."""
        self.results[hashlib.sha256(data).hexdigest()] = \
            self.results[hashlib.sha256(like).hexdigest()]


def result_of(spool, rendition, rel):
    with open(spool.path("done", rel), "rb") as file:
        kind = tree.kind_of(file.read(8))
    return tree.find_result(spool.root, rendition, rel, kind)


# ---- the spool and its daemon ---------------------------------------------------------------

def environment(more):
    """Ours and MORE. A sanitizer wants to be the first library, and is told that all is well."""
    options = ":".join([os.environ.get("ASAN_OPTIONS", ""), "verify_asan_link_order=0"]).strip(":")
    return dict(os.environ, ASAN_OPTIONS=options, **more)


class Spool:
    def __init__(self, daemon, root):
        self.daemon, self.root = daemon, root
        self.log = root + ".log"
        os.makedirs(self.path("inbox"), exist_ok=True)

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def drop(self, rel, data, place="inbox"):
        """As a well-behaved copier does: a hidden name first, then the rename."""
        target = self.path(place, rel)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        hidden = os.path.join(os.path.dirname(target), ".drop-" + os.path.basename(target))
        with open(hidden, "wb") as file:
            file.write(data)
        os.rename(hidden, target)

    def start(self, *options, env=None):
        with open(self.log, "ab") as log:
            return subprocess.Popen([self.daemon, "-r", self.root] + QUICK + list(options),
                                    env=environment(env or {}), stdin=subprocess.DEVNULL,
                                    stdout=subprocess.DEVNULL, stderr=log)

    def once(self, env=None, options=()):
        """darkroomd --once: its exit status, negative when a signal ended it."""
        child = self.start("--once", "-o", "workers.count=1", *options, env=env)
        try:
            return child.wait(END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return None

    def log_end(self, n=12):
        with open(self.log, errors="replace") as file:
            return "".join(file.readlines()[-n:])

    def originals(self):
        """[(place, rel, sha256)] of every original; a name that moves meanwhile is met again."""
        found = []
        for place in PLACES:
            for rel in files(self.path(place)):
                if tree.is_ours(rel) or os.path.basename(rel).startswith("."):
                    continue
                if rel.upper() in ("STOP", "PAUSE"):
                    continue
                found.append((place, rel, digest(self.path(place, rel))))
        return found


def kill_and_wait(child):
    child.send_signal(signal.SIGKILL)
    child.wait()


# ---- the disk table -------------------------------------------------------------------------

def lost_or_doubled(spool, expected, wanted, dropped=()):
    """What breaks the promise at this moment, as sentences. Nobody runs. WANTED: sha256 of all
    originals; DROPPED: of those that were deleted in processing/, which may be gone."""
    wrong = []
    where = {}
    inodes = {}
    for place, rel, name in spool.originals():
        path = os.path.join(place, rel)
        inode = os.stat(spool.path(path)).st_ino
        # One inode under two names: a move by link and unlink was cut off; it is one original.
        if name in where and inodes[name] == inode and os.stat(spool.path(path)).st_nlink > 1:
            continue
        inodes[name] = inode
        where.setdefault(name, []).append(path)
    for name in wanted:
        places = where.pop(name, [])
        if len(places) == 0 and name not in dropped:
            wrong.append("lost: %s" % expected.names.get(name, name[:12]))
        if len(places) > 1:
            wrong.append("doubled: %s is %s" % (expected.names.get(name, name[:12]), places))
    for places in where.values():
        wrong.append("torn: %s is no original of ours" % places)
    return wrong + torn_results(spool, expected)


def torn_results(spool, expected):
    """What a start tries the folders with is no result; the next start sweeps it away."""
    return ["torn: out/" + rel for rel in files(spool.path("out"))
            if not rel.startswith(".tmp-check-") and expected.look(spool.path("out", rel)) is None]


def unfinished(spool, expected, may_fail=False):
    """What is wrong when all work is over."""
    wrong = []
    n_out = 0
    for place, rel, name in spool.originals():
        path = "%s/%s" % (place, rel)
        results = expected.results.get(name, {})
        if place in ("inbox", "processing"):
            wrong.append("not finished: " + path)
        elif place == "failed":
            if results and not may_fail:
                wrong.append("blamed: " + path + ": " + error_text(spool, rel))
            if not error_text(spool, rel):
                wrong.append("no error text: " + path)
        else:
            wrong += wrong_results(spool, expected, rel, results)
            n_out += len(RENDITIONS)
    n_there = len(files(spool.path("out")))
    if n_there != n_out:
        wrong.append("out/ holds %d results instead of %d" % (n_there, n_out))
    return wrong + two_names(spool) + leftovers(spool)


def two_names(spool):
    """One file that can be seen in two places: allowed while a move is cut off, no longer."""
    paths = {}
    for place, rel, _ in spool.originals():
        path = "%s/%s" % (place, rel)
        paths.setdefault(os.stat(spool.path(path)).st_ino, []).append(path)
    return ["two names: " + " and ".join(found) for found in paths.values() if len(found) > 1]


def error_text(spool, rel):
    try:
        with open(spool.path("failed", rel + ".error.txt")) as file:
            return file.readline().strip()
    except FileNotFoundError:
        return ""


def wrong_results(spool, expected, rel, results):
    wrong = [] if results else ["done/%s should have failed" % rel]
    for rendition, name in results.items():
        found = result_of(spool, rendition, rel)
        if len(found) != 1:
            wrong.append("done/%s has %d results in out/%s" % (rel, len(found), rendition))
        elif not expected.is_right(found[0], name):
            wrong.append("out/%s of done/%s is another picture" % (rendition, rel))
    return wrong


def leftovers(spool):
    wrong = []
    for folder in ("processing", ".darkroom/jobs", ".darkroom/trash"):
        if os.path.isdir(spool.path(folder)):
            wrong += ["left: %s/%s" % (folder, name) for name in os.listdir(spool.path(folder))]
    for rel in files(spool.root):
        if os.path.basename(rel).startswith(".tmp-"):
            wrong.append("left: " + rel)
        if rel.startswith("failed/") and rel.endswith(".error.txt") and \
                not os.path.exists(spool.path(rel[:-len(".error.txt")])):
            wrong.append("left: " + rel)
    return wrong


def disk_state(spool, key):
    """J2 to J5 of the job folder KEY, as src/README has them; None: its picture was deleted."""
    folder = spool.path(".darkroom/jobs", key)
    try:
        with open(os.path.join(folder, "job"), errors="surrogateescape") as file:
            rel = re.search(r"^rel: (.*)$", file.read(), re.M).group(1)
    except (OSError, AttributeError):
        return None
    rel = re.sub("%([0-9A-Fa-f]{2})", lambda m: chr(int(m.group(1), 16)), rel)
    is_there = os.path.exists(spool.path("processing", rel))
    if os.path.exists(os.path.join(folder, "plan")):
        return "J4" if is_there else "J5"
    if is_there:
        return "J3"
    return "J2" if os.path.exists(spool.path("inbox", rel)) else None


def disk_states(spool):
    """How many jobs lie in each state, J1 for what waits."""
    counts = dict.fromkeys(("J1", "J2", "J3", "J4", "J5"), 0)
    counts["J1"] = sum(place == "inbox" for place, _, _ in spool.originals())
    for key in os.listdir(spool.path(".darkroom/jobs")):
        state = disk_state(spool, key)
        if state is not None:
            counts[state] += 1
    return counts


def wait_for(seconds, condition):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
