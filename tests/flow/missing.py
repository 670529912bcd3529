#!/usr/bin/env python3
"""missing.py [SCENARIO...]: an inbox that is not there was not cleared.

    renamed     inbox/ is renamed away and back, while pictures wait in it
    replaced    it is renamed away, an empty folder stands in its place, and then it is back
    covered     another file system is mounted on inbox/ (root)
    unmounted   all of the spool is unmounted, lazily, and mounted again (root)
    share       the server of the FUSE mount that the spool is on dies, and comes back (bindfs)
Nothing is forgotten, nothing in the folder that is away is touched, STATUS says what is the matter,
and it goes on by itself.
"""
import json
import os
import shutil
import subprocess
import sys
import time

from arrival import PATIENCE_S, Mode, kit

TINY = "jpeg/17x17.jpg"
N_PHOTOS = 10
OPTIONS = ["-o", "spool.rescan=1s", "-o", "spool.poll_interval=200ms", "-o", "spool.settle=300ms",
           "-o", "spool.min_free=0", "-o", "spool.durability=fast"]
# The daemon looks every 200 ms; this is long enough to do something wrong.
WRONG_S = 1.0
mounted = []


def photo(text):
    return kit.sample(TINY, text)


def drop(folder, prefix, n=N_PHOTOS):
    """N photographs, whole at once. Their names."""
    names = ["%s-%d.jpg" % (prefix, i) for i in range(n)]
    for name in names:
        hidden = os.path.join(folder, "." + name)
        with open(hidden, "wb") as file:
            file.write(photo(name))
        os.rename(hidden, os.path.join(folder, name))
    return names


def fresh(name):
    mode = Mode(name, kit.fresh_folder(), OPTIONS, False)
    kit.ok(mode.start(), "%s: the daemon starts" % name)
    return mode


def said(mode):
    try:
        with open(mode.spool.path("status.json")) as file:
            status = json.load(file)
        return status
    except (OSError, ValueError):
        return {}


def says(mode, state):
    return kit.wait_for(PATIENCE_S, lambda: said(mode).get("state") == state)


def fingerprint(folder):
    return {rel: os.stat(os.path.join(folder, rel)).st_ctime_ns for rel in kit.files(folder)}


def are_done(mode, names):
    return kit.wait_for(PATIENCE_S, lambda: all(os.path.exists(mode.spool.path("done", name)) for name in names))


def pause(mode):
    open(mode.spool.path("PAUSE"), "w").close()
    kit.ok(says(mode, "paused"), "%s: it is paused" % mode.name)


def end(mode, names):
    kit.ok(are_done(mode, names), "%s: all %d are done" % (mode.name, len(names)))
    there = [rel for rel in kit.files(mode.spool.path("done")) if not kit.tree.is_ours(rel)]
    kit.ok(sorted(there) == sorted(names), "%s: nothing else is, and each once" % mode.name)
    for rendition in kit.RENDITIONS:
        n = len(kit.files(mode.spool.path("out", rendition)))
        kit.ok(n == len(names), "%s: out/%s has %d" % (mode.name, rendition, n))
    kit.ok(not kit.files(mode.spool.path("failed")), "%s: none failed" % mode.name)
    mode.ends_well()


# ---- the inbox alone -----------------------------------------------------------------------

def renamed():
    mode = fresh("renamed")
    inbox, away = mode.spool.path("inbox"), os.path.join(mode.disk, "away")
    pause(mode)
    names = drop(inbox, "before")
    kit.ok(kit.wait_for(PATIENCE_S, lambda: said(mode).get("waiting", {}) and "before-9" in str(said(mode))),
           "renamed: they wait")
    os.rename(inbox, away)
    kit.ok(says(mode, "inbox missing"), "renamed: status.json says that the inbox is missing")
    with open(mode.spool.path("STATUS")) as file:
        kit.ok("inbox" in file.read().lower(), "renamed: and so does STATUS")
    os.unlink(mode.spool.path("PAUSE"))
    names += drop(away, "meanwhile")
    before = fingerprint(away)
    # What is in processing/ is not cancelled, and goes on.
    drop(mode.spool.path("processing"), "by-hand", 1)
    kit.ok(are_done(mode, ["by-hand-0.jpg"]), "renamed: a picture in processing/ is developed meanwhile")
    time.sleep(WRONG_S)
    kit.ok(fingerprint(away) == before, "renamed: nothing in it is touched")
    kit.ok(not os.path.exists(inbox), "renamed: no other is made")
    os.rename(away, inbox)
    end(mode, names + ["by-hand-0.jpg"])


def replaced():
    mode = fresh("replaced")
    inbox, away = mode.spool.path("inbox"), os.path.join(mode.disk, "away")
    pause(mode)
    names = drop(inbox, "before")
    os.rename(inbox, away)
    os.mkdir(inbox)
    before = fingerprint(away)
    names += drop(inbox, "other")
    os.unlink(mode.spool.path("PAUSE"))
    kit.ok(are_done(mode, names[N_PHOTOS:]), "replaced: what comes into the other one is developed")
    time.sleep(WRONG_S)
    kit.ok(fingerprint(away) == before, "replaced: the first is not touched")
    os.rename(inbox, os.path.join(mode.disk, "other"))
    os.rename(away, inbox)
    end(mode, names)


# ---- mounts --------------------------------------------------------------------------------

def mount(*arguments):
    """False: not possible here."""
    if subprocess.run(["mount", *arguments], stderr=subprocess.DEVNULL).returncode != 0:
        return False
    mounted.append(arguments[-1])
    return True


def unmount(target, *options):
    subprocess.run(["umount", *options, target], check=True)
    mounted.remove(target)


def covered():
    mode = fresh("covered")
    inbox = mode.spool.path("inbox")
    pause(mode)
    names = drop(inbox, "before")
    if not mount("-t", "tmpfs", "tmpfs", inbox):
        kit.note("covered is left out: no mount is possible here")
        mode.stop()
        return
    drop(inbox, "foreign")
    before = fingerprint(inbox)
    os.unlink(mode.spool.path("PAUSE"))
    kit.ok(says(mode, "inbox missing"), "covered: status.json says that the inbox is missing")
    time.sleep(WRONG_S)
    kit.ok(fingerprint(inbox) == before, "covered: another file system is not touched")
    unmount(inbox)
    end(mode, names)


def unmounted():
    mode = Mode("unmounted", kit.fresh_folder(), OPTIONS, False)
    disk = os.path.join(mode.disk, "volume")
    os.makedirs(os.path.join(disk, "inbox"))
    if not mount("--bind", disk, mode.spool.root):
        kit.note("unmounted is left out: no mount is possible here")
        return
    kit.ok(mode.start(), "unmounted: the daemon starts")
    pause(mode)
    names = drop(mode.spool.path("inbox"), "before")
    unmount(mode.spool.root, "-l")
    kit.ok(kit.wait_for(PATIENCE_S, lambda: mode.log_has("event=waiting-for-the-spool") == 1), "unmounted: the log says so")
    os.unlink(os.path.join(disk, "PAUSE"))
    names += drop(os.path.join(disk, "inbox"), "meanwhile")
    before = fingerprint(disk + "/inbox")
    time.sleep(WRONG_S)
    kit.ok(fingerprint(disk + "/inbox") == before, "unmounted: nothing on it is touched")
    kit.ok(os.listdir(mode.spool.root) == ["inbox"] and os.listdir(mode.spool.path("inbox")) == [],
           "unmounted: nothing is made where it was")
    mount("--bind", disk, mode.spool.root)
    end(mode, names)
    unmount(mode.spool.root)


def serve(disk, seen):
    server = subprocess.Popen(["bindfs", "-f", disk, seen])
    if kit.wait_for(PATIENCE_S, lambda: os.path.ismount(seen) or server.poll() is not None) and \
            server.poll() is None:
        mounted.append(seen)
        return server
    return None


def share():
    if shutil.which("bindfs") is None or not os.path.exists("/dev/fuse"):
        kit.note("share is left out: bindfs, or /dev/fuse, is not here")
        return
    mode = Mode("share", kit.fresh_folder(), OPTIONS, True)
    disk = os.path.join(mode.disk, "volume")
    os.makedirs(os.path.join(disk, "inbox"))
    os.rmdir(mode.spool.path("inbox"))
    server = serve(disk, mode.spool.root)
    if server is None:
        kit.note("share is left out: bindfs cannot mount here")
        return
    kit.ok(mode.start(), "share: the daemon starts")
    pause(mode)
    names = drop(mode.spool.path("inbox"), "before")
    server.kill()
    server.wait()
    kit.ok(kit.wait_for(PATIENCE_S, lambda: mode.log_has("event=waiting-for-the-spool") == 1), "share: the log says so")
    os.unlink(os.path.join(disk, "PAUSE"))
    names += drop(os.path.join(disk, "inbox"), "meanwhile")
    before = fingerprint(disk + "/inbox")
    unmount(mode.spool.root, "-l")
    time.sleep(WRONG_S)
    kit.ok(fingerprint(disk + "/inbox") == before, "share: nothing on it is touched")
    kit.ok(mode.daemon.poll() is None, "share: the daemon lives")
    server = serve(disk, mode.spool.root)
    kit.ok(are_done(mode, names), "share: it goes on when the share is back")
    end(mode, names)
    unmount(mode.spool.root, "-l")
    server.wait()


SCENARIOS = (renamed, replaced, covered, unmounted, share)


def main():
    try:
        kit.at_once(SCENARIOS, sys.argv[1:])
    finally:
        for target in list(mounted):
            subprocess.run(["umount", "-l", target])
    kit.finish()


main()
