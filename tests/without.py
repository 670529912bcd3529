#!/usr/bin/env python3
"""without.py --run [NAME...]: each mechanism is taken out, and the test that guards it has to fail.

tests/without/NAME.patch takes one mechanism out of src/. Its first lines say what, which test is to
notice, and what that test then says:
    What: a name that is taken is not replaced (RENAME_NOREPLACE)
    Test: tests/crash/failpoints.py
    Says: nothing is replaced
    With: CRASH_BRIEF=1                      (the environment of the test; may be missing)
The sources are copied and built once; then, for each: patch, build, test, patch back. A test counts
as having noticed when it fails and a line of it that begins with "not ok" has the words of Says,
or when it hangs where Says is "hangs". First every test has to pass with everything in place.

Without --run it only sees whether each patch still fits: make check does. WITHOUT_BUILD=FOLDER keeps
the copy and uses it again.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
PATCHES = os.path.join(TOP, "tests/without")
TEST_S = float(os.environ.get("WITHOUT_TEST_S", "900"))  # of one test: then it hangs
JOBS = os.environ.get("WITHOUT_JOBS", str(os.cpu_count()))
SKIPPED = 77
LEFT_OUT = (".git", "autom4te.cache", "build", "build-asan")


class Mechanism:
    def __init__(self, name):
        self.name, self.path = name, os.path.join(PATCHES, name + ".patch")
        with open(self.path) as file:
            head = file.read().split("\n--- ", 1)[0]
        said = dict(re.findall(r"^(What|Test|Says|With): *(.*)$", head, re.M))
        self.what, self.test, self.says = said["What"], said["Test"], said["Says"]
        self.environment = dict(word.split("=", 1) for word in said.get("With", "").split())

    def patch(self, source, *options):
        return subprocess.run(["patch", "-p1", "-s", "-f", "--no-backup-if-mismatch", "-d", source,
                               "-i", self.path, *options], capture_output=True, text=True)


def all_mechanisms():
    names = sorted(name[:-len(".patch")] for name in os.listdir(PATCHES) if name.endswith(".patch"))
    return [Mechanism(name) for name in names]


def check(mechanisms):
    n_wrong = 0
    for mechanism in mechanisms:
        done = mechanism.patch(TOP, "--dry-run")
        n_wrong += done.returncode != 0
        if done.returncode != 0:
            print("not ok - tests/without/%s.patch does not fit the sources any more: make it anew\n%s" %
                  (mechanism.name, done.stdout + done.stderr))
        if not os.path.exists(os.path.join(TOP, mechanism.test.split()[0])):
            n_wrong += 1
            print("not ok - tests/without/%s.patch: there is no %s" % (mechanism.name, mechanism.test))
    print("%d passed, %d failed" % (max(0, len(mechanisms) - n_wrong), n_wrong))
    return 1 if n_wrong > 0 or not mechanisms else 0


class Bench:
    """A copy of the sources, and their build."""

    def __init__(self, folder):
        self.source, self.build = os.path.join(folder, "source"), os.path.join(folder, "build")
        self.logs = os.path.join(os.getcwd(), "without-logs")
        os.makedirs(self.logs, exist_ok=True)
        if not os.path.exists(self.source):
            shutil.copytree(TOP, self.source, symlinks=True, ignore=self.left_out)
        os.makedirs(self.build, exist_ok=True)
        if not os.path.exists(os.path.join(self.build, "Makefile")):
            self.must([os.path.join(self.source, "configure"), "-q"])
        self.make()

    def left_out(self, folder, names):
        return [n for n in names if folder == TOP and n in LEFT_OUT or n == os.path.basename(self.build)
                and os.path.realpath(os.path.join(folder, n)) == os.getcwd()]

    def must(self, command):
        done = subprocess.run(command, cwd=self.build, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit("%s failed:\n%s" % (" ".join(command), (done.stdout + done.stderr)[-3000:]))

    def make(self):
        programs = ["tests/flow/rogue.so"] + [os.path.join("tests/crash", name) for name in
                    ("fault.so", "without.so", "darkroomd-failpoints", "write-log")]
        known = subprocess.run(["make", "-n", *programs], cwd=self.build, capture_output=True)
        if known.returncode != 0:
            programs.pop()  # no FUSE here
        self.must(["make", "-s", "-j" + JOBS, "all"])  # one after the other: "all" is a make of its own
        self.must(["make", "-s", "-j" + JOBS, *programs])

    def run(self, mechanism, log_name):
        """(exit status or None when it hung, the lines that begin with "not ok")."""
        words = mechanism.test.split()
        if words[0].endswith(".c"):  # of tests/unit: a program
            self.must(["make", "-s", "-j" + JOBS, words[0][:-2]])
            command = [os.path.join(self.build, words[0][:-2]), "--tap=-"]
        else:
            runner = ["python3", "-B"] if words[0].endswith(".py") else ["bash"]
            command = runner + [os.path.join(self.source, words[0])] + words[1:]
        path = os.path.join(self.logs, log_name + ".log")
        with open(path, "wb") as log:
            child = subprocess.Popen(command, cwd=self.build, stdin=subprocess.DEVNULL, stdout=log,
                                     stderr=log, start_new_session=True,
                                     env=dict(os.environ, srcdir=self.source, **mechanism.environment))
            try:
                status = child.wait(TEST_S)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                status = None
        with open(path, errors="replace") as log:
            return status, [line for line in log.read().split("\n") if line.startswith("not ok")]


def verdict(status, failures, says):
    """(has it noticed, in words)"""
    if status == SKIPPED:
        return None, "skipped"
    if status is None:
        return says == "hangs", "hung"
    if status == 0:
        return False, "NOT NOTICED"
    if any(re.search(says, line) for line in failures):
        return True, "failed as it should (%d)" % len(failures)
    return False, "FAILED FOR ANOTHER REASON"


def show(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    for row in rows:
        print("# " + "  ".join(word.ljust(width) for word, width in zip(row, widths)).rstrip())


def go(bench, mechanisms):
    rows, n_noticed, n_wrong, fit = [("mechanism", "test", "without it")], 0, 0, {}
    for m in mechanisms:
        key = (m.test, tuple(sorted(m.environment.items())))
        if key not in fit:
            bench.make()  # the one before is patched back, not built yet
            fit[key] = bench.run(m, "with-all-%d" % len(fit))[0]
            print("# with all in place: %s: %s" % (m.test, fit[key]), flush=True)
        if fit[key] != 0:
            rows.append((m.what, m.test, "skipped" if fit[key] == SKIPPED else "IT FAILS WITH IT TOO"))
            n_wrong += fit[key] != SKIPPED
            continue
        done = m.patch(bench.source)
        if done.returncode != 0:
            sys.exit("%s does not fit: %s" % (m.path, done.stdout))
        try:
            bench.make()
            has_noticed, words = verdict(*bench.run(m, m.name), m.says)
        finally:
            m.patch(bench.source, "-R")
        n_noticed += has_noticed is True
        n_wrong += has_noticed is False
        rows.append((m.what, m.test, words))
        print("# %s: %s" % (m.name, words), flush=True)
    show(rows)
    print("%d passed, %d failed" % (n_noticed, n_wrong))
    return 0 if n_wrong == 0 and n_noticed > 0 else 1


def main():
    names = [word for word in sys.argv[1:] if word != "--run"]
    mechanisms = [m for m in all_mechanisms() if not names or m.name in names]
    if shutil.which("patch") is None:
        print("skipped: patch is not installed")
        sys.exit(SKIPPED)
    if "--run" not in sys.argv:
        sys.exit(check(mechanisms))
    kept = os.environ.get("WITHOUT_BUILD")
    folder = kept or tempfile.mkdtemp(prefix="darkroom-without.")
    try:
        status = go(Bench(folder), mechanisms)
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(status)


main()
