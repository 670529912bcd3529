"""ways.py - how a photograph comes into an inbox on the same machine."""
import ctypes
import fcntl
import io
import mmap
import os
import shutil
import tarfile
import tempfile

from arrival import Skipped, kit

OLD = 1071230400            # 2003: a camera's clock
BLOCK = 65536               # what a writer of the end writes first
libc = ctypes.CDLL(None, use_errno=True)
SFTP_SERVER = "/usr/lib/openssh/sftp-server"
WAYS = []


def way(title, needs=()):
    def keep(function):
        function.title, function.needs = title, needs
        WAYS.append(function)
        return function
    return keep


# ---- copied ---------------------------------------------------------------------------------

@way("cp")
def cp(a):
    a.run("cp", a.source, a.path())


@way("cp, its source stalls")
def cp_slow(a):
    a.feed("cp", "/dev/stdin", a.path())


@way("cp -p, of 2003")
def cp_old(a):
    os.utime(a.source, (OLD, OLD))
    a.sets_times = True
    a.run("cp", "-p", a.source, a.path())


@way("cp -r of a folder")
def cp_folder(a):
    os.makedirs(a.part("trip/day 1"))
    shutil.copyfile(a.source, a.part("trip/day 1/photo.jpg"))
    a.rel = "trip/day 1/photo.jpg"
    a.run("cp", "-r", a.part("trip"), a.inbox)


@way("cp over a half one")
def cp_over(a):
    with open(a.path(), "wb") as file:
        file.write(a.data[:a.half])
    a.stall()
    a.run("cp", a.source, a.path())


@way("install -m644")
def install(a):
    a.run("install", "-m644", a.source, a.path())


@way("install, its source stalls")
def install_slow(a):
    a.feed("install", "-m644", "/dev/stdin", a.path())


@way("rsync", needs=["rsync"])
def rsync(a):
    a.sets_times = True
    a.run("rsync", "-a", "--bwlimit=400", a.source, a.path())


@way("rsync --inplace", needs=["rsync"])
def rsync_inplace(a):
    a.sets_times = True
    a.run_watched("rsync", "-a", "--inplace", "--bwlimit=400", a.source, a.path())


@way("tar x, its archive stalls", needs=["tar"])
def tar(a):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as pack:
        pack.add(a.source, "photo.jpg")
    a.sets_times = True
    a.feed("tar", "x", "-C", a.inbox, "-f", "-", data=archive.getvalue())


@way("darkroom add")
def add(a):
    os.makedirs(a.part(a.folder))
    shutil.copyfile(a.source, a.part(a.folder + "/photo.jpg"))
    a.sets_times = True
    a.run(kit.program("./darkroom", "DARKROOM"), "-r", a.mode.spool.root, "add", a.part(a.folder))


# ---- moved and linked -----------------------------------------------------------------------

@way("mv")
def mv(a):
    shutil.copyfile(a.source, a.part("photo.jpg"))
    a.sets_times = True
    a.run("mv", a.part("photo.jpg"), a.path())


@way("mv from another disk")
def mv_across(a):
    other = tempfile.mkdtemp(prefix="darkroom-arrive.", dir="/dev/shm")
    try:
        if os.stat(other).st_dev == os.stat(a.inbox).st_dev:
            raise Skipped("/dev/shm is the disk of the spool")
        shutil.copyfile(a.source, other + "/photo.jpg")
        a.sets_times = True
        a.run("mv", other + "/photo.jpg", a.path())
    finally:
        shutil.rmtree(other)


@way("mv of a folder")
def mv_folder(a):
    os.makedirs(a.part("trip/day 1/raw"))
    shutil.copyfile(a.source, a.part("trip/day 1/photo.jpg"))
    a.rel = "trip/day 1/photo.jpg"
    a.sets_times = True
    a.run("mv", a.part("trip"), a.inbox)


@way("mv while its writer goes on")
def mv_open(a):
    with open(a.part("photo.jpg"), "wb", buffering=0) as file:
        file.write(a.data[:a.half])
        os.rename(a.part("photo.jpg"), a.path())
        a.stall()
        file.write(a.data[a.half:])


@way("hard link")
def link(a):
    a.sets_times = True
    a.run("ln", a.source, a.path())


@way("hard link to one still written")
def link_open(a):
    with open(a.part("photo.jpg"), "wb", buffering=0) as file:
        file.write(a.data[:a.half])
        os.link(a.part("photo.jpg"), a.path())
        a.stall()
        file.write(a.data[a.half:])


# ---- written --------------------------------------------------------------------------------

def linkat(fd, path):
    """Give the nameless file FD a name."""
    if libc.linkat(-100, b"/proc/self/fd/%d" % fd, -100, os.fsencode(path), 0x400) != 0:
        raise OSError(ctypes.get_errno(), "linkat " + path)


def nameless(a):
    try:
        return os.open(a.inbox, os.O_TMPFILE | os.O_RDWR, 0o644)
    except OSError as error:
        raise Skipped("O_TMPFILE: " + error.strerror) from error


@way("O_TMPFILE, then linkat")
def tmpfile(a):
    fd = nameless(a)
    os.write(fd, a.data)
    linkat(fd, a.path())
    os.close(fd)


@way("O_TMPFILE, linkat in mid-file")
def tmpfile_half(a):
    fd = nameless(a)
    os.write(fd, a.data[:a.half])
    linkat(fd, a.path())
    a.stall()
    os.write(fd, a.data[a.half:])
    os.close(fd)


@way("ftruncate to its size, then filled")
def sparse(a):
    with open(a.path(), "wb", buffering=0) as file:
        os.ftruncate(file.fileno(), len(a.data))
        file.write(a.data[:a.half])
        a.stall()
        file.write(a.data[a.half:])


@way("ftruncate, closed, filled later")
def sparse_reopened(a):
    with open(a.path(), "wb", buffering=0) as file:
        os.ftruncate(file.fileno(), len(a.data))
    a.stall()
    with open(a.path(), "r+b", buffering=0) as file:
        file.write(a.data)


@way("fallocate, then filled")
def allocated(a):
    with open(a.path(), "wb", buffering=0) as file:
        try:
            os.posix_fallocate(file.fileno(), 0, len(a.data))
        except OSError as error:
            os.unlink(a.path())
            raise Skipped("fallocate: " + error.strerror) from error
        a.stall()
        file.write(a.data[:a.half])
        a.stall()
        file.write(a.data[a.half:])


@way("both ends first, the middle later")
def ends_first(a):
    with open(a.path(), "wb", buffering=0) as file:
        os.ftruncate(file.fileno(), len(a.data))
        os.pwrite(file.fileno(), a.data[-BLOCK:], len(a.data) - BLOCK)
        os.pwrite(file.fileno(), a.data[:BLOCK], 0)
        a.short_stall()
        os.pwrite(file.fileno(), a.data, 0)


@way("mmap, its descriptor closed")
def mapped(a):
    fd = os.open(a.path(), os.O_RDWR | os.O_CREAT, 0o644)
    os.ftruncate(fd, len(a.data))
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
    libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    there = libc.mmap(None, len(a.data), mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED, fd, 0)
    os.close(fd)
    if there == ctypes.c_void_p(-1).value:
        raise Skipped("mmap: " + os.strerror(ctypes.get_errno()))
    a.sets_times = True  # written back whenever the kernel likes
    ctypes.memmove(there + len(a.data) - BLOCK, a.data[-BLOCK:], BLOCK)
    ctypes.memmove(there, a.data[:BLOCK], BLOCK)
    a.short_stall()
    ctypes.memmove(there, a.data, len(a.data))
    libc.munmap(there, len(a.data))


@way("closed and opened between pieces")
def reopened(a):
    third = len(a.data) // 3
    for at in (0, third, 2 * third):
        if at > 0:
            a.stall()
        with open(a.path(), "ab", buffering=0) as file:
            file.write(a.data[at:at + third] if at < 2 * third else a.data[at:])


@way("a lock on it while written")
def locked(a):
    with open(a.path(), "wb", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(a.data[:a.half])
        a.stall()
        file.write(a.data[a.half:])


# ---- by a program that uses another name first -----------------------------------------------

@way("browser, .part over a placeholder")
def firefox(a):
    with open(a.path(), "wb"):
        pass
    with open(a.path("photo.jpg.part"), "wb", buffering=0) as file:
        file.write(a.data[:a.half])
        a.stall()
        file.write(a.data[a.half:])
    os.rename(a.path("photo.jpg.part"), a.path())


@way("browser, .crdownload")
def chromium(a):
    with open(a.path("Unconfirmed 4711.crdownload"), "wb", buffering=0) as file:
        file.write(a.data)
        a.stall(name="Unconfirmed 4711.crdownload")
    os.rename(a.path("Unconfirmed 4711.crdownload"), a.path())


def sftp(a, slow, *lines):
    """sftp with the real server behind it, through a pipe instead of a connection."""
    if not os.path.exists(SFTP_SERVER):
        raise Skipped("no " + SFTP_SERVER)
    with open(a.part("batch"), "w") as file:
        file.write("\n".join(lines) + "\n")
    (a.run_watched if slow else a.run)("sftp", *(["-l", "2000"] if slow else []), "-q", "-D", SFTP_SERVER,
                                       "-b", a.part("batch"))


@way("sftp, slowly", needs=["sftp"])
def sftp_slow(a):
    sftp(a, True, 'put "%s" "%s"' % (a.source, a.path()))


@way("sftp to a dot-file, then renamed", needs=["sftp"])
def sftp_dot(a):
    sftp(a, False, 'put "%s" "%s"' % (a.source, a.path(".photo.jpg.upload")),
         'rename "%s" "%s"' % (a.path(".photo.jpg.upload"), a.path()))


@way("scp, slowly", needs=["scp"])
def scp(a):
    if not os.path.exists(SFTP_SERVER):
        raise Skipped("no " + SFTP_SERVER)
    a.run_watched("scp", "-l", "2000", "-q", "-D", SFTP_SERVER, a.source, "localhost:" + a.path())
