"""story.py - what happened on a recorded disk, each thing with its moment (disk.Recorder.now()).

Two things count after a power cut. An original counts once it was on the disk: it was there when the
recording began, or its copier had fsynced it and its folder. A job counts once the daemon had said
in its log that it is done or failed, which it does after the last fsync of the job, and until
somebody takes the original away again to have it retried.
"""
import hashlib
import json
import os
import re
import subprocess
import threading
import time

import kit

FOLDERS = ("", "", "trip/", "trip/day 1/", "urgent/")
ENDED = re.compile(r'event=(?:done|failed) to="([^"]*)"')
HOME_S = 60


def fsync(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class Pictures:
    """A supply of pictures, each with other bytes, and what they make."""

    def __init__(self, daemon, good, bad):
        self.good, self.bad = good, bad
        self.expected = kit.Expected()
        self.expected.learn(daemon, {"%d.jpg" % i: data for i, data in enumerate(good)})
        self.expected.results[hashlib.sha256(bad).hexdigest()] = {}

    def make(self, number, rng):
        """A path below inbox/, its bytes, and the name of those that it was made of."""
        like = self.bad if number % 7 == 0 else rng.choice(self.good)
        data = kit.comment(like, b"picture %d" % number)
        rel = "%sp%04d.jpg" % (rng.choice(FOLDERS), number)
        like = hashlib.sha256(like).hexdigest()
        self.know(hashlib.sha256(data).hexdigest(), rel, like)
        return rel, data, like

    def know(self, name, rel, like):
        self.expected.results[name] = self.expected.results[like]
        self.expected.names[name] = rel


class Story:
    """What happened: to be told to write-log.py, now or from a file."""

    def __init__(self):
        self.originals = {}  # sha256: the moment since which it counts
        self.acks = []       # [path, since, until]: a job that counts; until None: to the end
        self.end = 0
        self.n_pictures = 0
        self.known = {}      # sha256: [rel, what the bytes without the comment would be named]
        self.count = dict.fromkeys(("added", "STOPs", "retried", "kills"), 0)

    def save(self, path):
        with open(path, "w") as file:
            json.dump(vars(self), file)

    @classmethod
    def load(cls, path, pictures):
        story = cls()
        with open(path) as file:
            vars(story).update(json.load(file))
        for name, (rel, like) in story.known.items():
            pictures.know(name, rel, like)
        return story


class Teller:
    """Lives with a daemon on a recorded disk, and makes a Story of it."""

    def __init__(self, pictures, spool, recorder, options, env, rng, story):
        self.pictures, self.spool, self.recorder = pictures, spool, recorder
        self.options, self.env, self.rng, self.story = list(options), env, rng, story
        self.daemon = self.listener = None

    # -- what lies there at the beginning --

    def remember(self):
        """What can be seen after the mount is on the disk. What can be seen twice is on its way."""
        found = self.spool.originals()
        names = [name for _, _, name in found]
        for place, rel, name in found:
            self.story.originals[name] = 0
            if place in ("done", "failed") and names.count(name) == 1:
                self.story.acks.append(["%s/%s" % (place, rel), 0, None])
        for name in ("STOP", "inbox/STOP"):
            if os.path.exists(self.spool.path(name)):
                os.unlink(self.spool.path(name))

    # -- the daemon --

    def start(self):
        self.daemon = subprocess.Popen(
            [self.spool.daemon, "-r", self.spool.root, *kit.QUICK, "-o", "workers.count=2",
             *self.options], env=kit.environment(self.env), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.listener = threading.Thread(target=self.listen, args=(self.daemon.stderr,))
        self.listener.start()

    def listen(self, said):
        """A line is read at once, for the moment that it came is what counts."""
        with open(self.spool.log, "ab") as log:
            for line in said:
                now = self.recorder.now()
                log.write(line)
                for path in ENDED.findall(line.decode(errors="replace")):
                    self.story.acks.append([path, now, None])

    def kill(self):
        kit.kill_and_wait(self.daemon)
        self.listener.join()
        self.daemon.stderr.close()

    # -- what people do --

    def add(self):
        """As a careful copier does: each is on the disk before it has its name, and with it."""
        if len(kit.files(self.spool.path("inbox"))) > 8:
            return
        names, folders = [], set()
        for _ in range(self.rng.randint(1, 4)):
            self.story.count["added"] += 1
            name, rel = self.copy()
            names.append(name)
            folders.add(os.path.dirname(rel))
        for folder in sorted(folders, reverse=True):
            while True:  # the daemon may have pruned it meanwhile, with all that was in it
                if os.path.isdir(self.spool.path("inbox", folder)):
                    fsync(self.spool.path("inbox", folder))
                if not folder:
                    break
                folder = os.path.dirname(folder)
        now = self.recorder.now()
        for name in names:
            self.story.originals[name] = now

    def copy(self):
        self.story.n_pictures += 1
        rel, data, like = self.pictures.make(self.story.n_pictures, self.rng)
        name = hashlib.sha256(data).hexdigest()
        self.story.known[name] = [rel, like]
        target = self.spool.path("inbox", rel)
        hidden = os.path.join(os.path.dirname(target), ".drop-" + os.path.basename(target))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(hidden, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        self.story.originals[name] = float("inf")  # may be there, need not
        os.rename(hidden, target)
        return name, rel

    def stop(self):
        path = self.spool.path("STOP")
        if os.path.exists(path):
            os.unlink(path)
        else:
            self.story.count["STOPs"] += 1
            open(path, "w").close()

    def retry(self):
        failed = [ack[0] for ack in self.story.acks if ack[0].startswith("failed/") and ack[2] is None]
        if not failed:
            return
        path = self.rng.choice(failed)
        rel = path[len("failed/"):]
        os.makedirs(os.path.dirname(self.spool.path("inbox", rel)), exist_ok=True)
        now = self.recorder.now()
        for ack in self.story.acks:  # found there at the beginning, and told once more
            if ack[0] == path and ack[2] is None:
                ack[2] = now
        os.rename(self.spool.path("failed", rel), self.spool.path("inbox", rel))
        self.story.count["retried"] += 1

    def kill_daemon(self):
        if self.rng.random() < 0.2:
            self.story.count["kills"] += 1
            self.kill()
            self.start()

    # -- all of it --

    def is_home(self):
        """With no STOP: has all work ended? Looked at in the order in which a picture moves. Hidden
        names are of a copier that was cut off."""
        left = [rel for place in ("inbox", "processing") for rel in kit.files(self.spool.path(place))
                if not os.path.basename(rel).startswith(".")]
        return not left and not os.listdir(self.spool.path(".darkroom/jobs"))

    def tell(self, seconds):
        """Returns: None, or what went wrong while nothing was cut off."""
        self.remember()
        self.start()
        try:
            return self.live(seconds)
        finally:
            self.kill()

    def live(self, seconds):
        deeds = (self.add, self.add, self.stop, self.retry, self.kill_daemon)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            time.sleep(self.rng.uniform(0.01, 0.25))
            self.rng.choice(deeds)()
        if os.path.exists(self.spool.path("STOP")):
            self.stop()
        is_home = kit.wait_for(HOME_S, self.is_home)
        self.story.end = self.recorder.now()
        status = self.daemon.poll()
        if status is not None:
            return "the daemon ended by itself: %d" % status
        return None if is_home else "not all work ended within %d s: %s\n%s" % (
            HOME_S, [kit.files(self.spool.path(p)) for p in ("inbox", "processing", ".darkroom/jobs")],
            self.spool.log_end(30))
