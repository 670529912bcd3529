#!/usr/bin/env python3
"""kill-storm.py [ROUNDS [DAEMONS]]: SIGKILL of a daemon, or of a worker, at random moments, while
pictures are added, STOPs come and go, pictures at work are deleted and failed ones retried.

After each kill, with every daemon dead or stopped, each original has to be in one place and each
result whole. At the end, undisturbed, all of it has to come home. Half of the rounds run with
every change of a name slowed down at random, so that the short states are killed in as well.
A picture whose workers were killed twice lies in failed/, as it should: counted apart, retried.
"""
import hashlib
import os
import random
import signal
import sys
import time

import kit

ROUNDS = int(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("KILL_ROUNDS", "10" if kit.BRIEF else "50"))
N_DAEMONS = int(sys.argv[2] if len(sys.argv) > 2 else os.environ.get("KILL_DAEMONS", "1"))
SEED = int(os.environ.get("KILL_SEED", str(os.getpid())))
HOME_S = int(os.environ.get("KILL_HOME_S", "240"))
DAEMON = kit.program("darkroomd", "DARKROOMD")
SLOW = {"LD_PRELOAD": kit.program("tests/crash/fault.so", "FAULT_SO"), "FAULT_DELAY_US": "6000",
        "FAULT_CALL": "renameat,renameat2,unlinkat,mkdirat,fsync"}
GOOD = [kit.sample("jpeg/444.jpg"), kit.sample("jpeg/17x17.jpg"), kit.sample("photo/flower.jpg")]
BAD = kit.sample("bad/12-bit.jpg")


class Storm:
    def __init__(self):
        self.expected = kit.Expected()
        self.expected.learn(DAEMON, {"%d.jpg" % i: data for i, data in enumerate(GOOD)})
        self.expected.results[hashlib.sha256(BAD).hexdigest()] = {}
        self.spool = kit.Spool(DAEMON, kit.fresh_folder())
        self.spool.once()
        self.wanted, self.dropped, self.dropped_rels = set(), set(), set()
        self.daemons = []
        self.count = dict.fromkeys(("added", "STOPs", "deleted", "retried", "masters killed",
                                    "workers killed", "killed twice"), 0)
        self.kills_in = dict.fromkeys(("J1", "J2", "J3", "J4", "J5"), 0)

    # -- what people do --

    def add(self):
        for _ in range(random.randint(1, 4)):
            self.count["added"] += 1
            like = BAD if random.random() < 0.05 else random.choice(GOOD)
            data = kit.comment(like, b"picture %d" % self.count["added"])
            self.expected.same(data, like)
            name = hashlib.sha256(data).hexdigest()
            rel = "%sp%04d.jpg" % (random.choice(("", "", "trip/", "urgent/")), self.count["added"])
            self.expected.names[name] = rel
            self.wanted.add(name)
            self.spool.drop(rel, data)

    def stop(self):
        path = self.spool.path(random.choice(("STOP", "inbox/STOP")))
        if os.path.exists(path):
            os.unlink(path)
        else:
            self.count["STOPs"] += 1
            open(path, "w").close()

    def delete(self):
        """A picture that is at work. It may be filed between our look and our unlink."""
        work = [rel for rel in kit.files(self.spool.path("processing")) if rel.endswith(".jpg")]
        if not work:
            return
        rel = random.choice(work)
        try:
            name = kit.digest(self.spool.path("processing", rel))
            os.unlink(self.spool.path("processing", rel))
        except FileNotFoundError:
            return
        self.count["deleted"] += 1
        self.dropped.add(name)
        self.dropped_rels.add(rel)

    def retry(self, everything=False):
        failed = [rel for rel in kit.files(self.spool.path("failed")) if rel.endswith(".jpg")]
        for rel in failed if everything else failed[:1]:
            name = kit.digest(self.spool.path("failed", rel))
            is_good = bool(self.expected.results.get(name))
            if everything and not is_good:
                continue
            self.count["killed twice"] += is_good
            self.count["retried"] += 1
            os.makedirs(os.path.dirname(self.spool.path("inbox", rel)), exist_ok=True)
            os.rename(self.spool.path("failed", rel), self.spool.path("inbox", rel))

    # -- the kills --

    def start(self, slow):
        while len(self.daemons) < N_DAEMONS:
            self.daemons.append(self.spool.start("-o", "workers.count=2", env=SLOW if slow else {}))

    def workers(self, daemon):
        found = []
        for task in os.listdir("/proc/%d/task" % daemon.pid):
            with open("/proc/%d/task/%s/children" % (daemon.pid, task)) as file:
                found += [int(pid) for pid in file.read().split()]
        return found

    def is_stopped(self, daemon):
        with open("/proc/%d/stat" % daemon.pid) as file:
            return file.read().rsplit(")", 1)[1].split()[0] in "TZ"

    def bury(self):
        """No daemon may end by itself."""
        for daemon in [d for d in self.daemons if d.poll() is not None]:
            kit.ok(False, "a daemon ended by itself: %s\n%s" % (daemon.returncode, self.spool.log_end()))
            self.daemons.remove(daemon)

    def kill(self):
        """Stop them all, so that nothing moves while we look; then kill one."""
        self.bury()
        self.start(slow=False)
        victim = random.choice(self.daemons)
        for daemon in self.daemons:
            daemon.send_signal(signal.SIGSTOP)
        for daemon in self.daemons:
            kit.wait_for(10, lambda d=daemon: self.is_stopped(d))
        workers = self.workers(victim)
        if workers and random.random() < 0.3:
            os.kill(random.choice(workers), signal.SIGKILL)
            self.count["workers killed"] += 1
        else:
            kit.kill_and_wait(victim)
            self.daemons.remove(victim)
            self.count["masters killed"] += 1
        for state, n in kit.disk_states(self.spool).items():
            self.kills_in[state] += n > 0

    def go_on(self):
        for daemon in self.daemons:
            daemon.send_signal(signal.SIGCONT)

    def live(self, seconds):
        deadline = time.monotonic() + seconds
        deeds = (self.add, self.add, self.add, self.stop, self.delete, self.retry)
        while time.monotonic() < deadline:
            time.sleep(random.uniform(0, 0.08))
            # A long queue tells no more than a short one; a STOP must not stay for many rounds.
            backlog = len(kit.files(self.spool.path("inbox")))
            deed = random.choice(deeds)
            if deed != self.add or backlog < 12:
                deed()

    def round(self, number):
        self.start(slow=number % 2 == 0)
        self.live(random.uniform(0.05, 0.5))
        self.kill()
        wrong = kit.lost_or_doubled(self.spool, self.expected, self.wanted, self.dropped)
        kit.ok(not wrong, "round %d: %s" % (number, "; ".join(wrong)), quiet=True)
        self.go_on()

    # -- the end --

    def is_home(self):
        if any(daemon.poll() is not None for daemon in self.daemons):
            return True  # and unfinished() says what is missing
        work = [p for p in ("inbox", "processing") if kit.files(self.spool.path(p))]
        return not work and not os.listdir(self.spool.path(".darkroom/jobs"))

    def forget(self, rel):
        """A picture that was deleted after its plan was made has results, or a text, all the same."""
        pairs = [("done/" + rel, "out/%s/%s" % (r, rel)) for r in kit.RENDITIONS]
        for original, made in pairs + [("failed/" + rel, "failed/%s.error.txt" % rel)]:
            if os.path.exists(self.spool.path(made)) and not os.path.exists(self.spool.path(original)):
                os.unlink(self.spool.path(made))

    def come_home(self):
        for path in ("STOP", "inbox/STOP"):
            if os.path.exists(self.spool.path(path)):
                os.unlink(self.spool.path(path))
        self.start(slow=False)
        kit.ok(kit.wait_for(HOME_S, self.is_home), "all is done within %d s" % HOME_S)
        self.retry(everything=True)
        kit.ok(kit.wait_for(HOME_S, self.is_home), "and what was retried")
        for daemon in self.daemons:
            daemon.terminate()
            kit.ok(daemon.wait(kit.END_S) == 0, "the daemon ends well")
        kit.ok(self.spool.once() in (0, 1), "one more start, after the last")
        for rel in self.dropped_rels:
            self.forget(rel)
        wrong = kit.lost_or_doubled(self.spool, self.expected, self.wanted, self.dropped) + \
            kit.unfinished(self.spool, self.expected)
        kit.ok(not wrong, "at the end: %s" % ("; ".join(wrong) or "every original and result once"))
        if wrong:
            print(self.spool.log_end(30))


def main():
    random.seed(SEED)
    kit.note("seed %d, %d rounds, %d daemons" % (SEED, ROUNDS, N_DAEMONS))
    storm = Storm()
    for number in range(1, ROUNDS + 1):
        storm.round(number)
    storm.come_home()
    kit.note(", ".join("%s %d" % pair for pair in storm.count.items()))
    kit.note("kills with a job in %s" % ", ".join("%s: %d" % p for p in storm.kills_in.items()))
    if ROUNDS >= 200:
        for state, n in storm.kills_in.items():
            kit.ok(n > 0, "%s was killed in" % state)
    kit.finish()


main()
