"""ways_smb.py - how a photograph comes into an inbox through a Samba server.

The server is a real smbd of our own: its configuration and all that it keeps lie in our folder, it
listens on a free port of 127.0.0.1 only, serves guests only, and is ended by its process id.
"""
import ctypes.util
import os
import shutil
import signal
import socket
import subprocess
import sys

from arrival import SHORT_STALL_S, STALL_S, Skipped, kit
from ways import way

WRITER = os.path.join(os.path.dirname(os.path.realpath(__file__)), "smb_writer.py")
SERVE_S = 30
CONF = """[global]
    disable netbios = yes
    smb ports = %(port)d
    interfaces = 127.0.0.1
    bind interfaces only = yes
    server role = standalone server
    map to guest = Bad User
    guest account = %(user)s
    load printers = no
    printing = bsd
    disable spoolss = yes
    private dir = %(var)s
    lock directory = %(var)s
    state directory = %(var)s
    cache directory = %(var)s
    pid directory = %(var)s
    ncalrpc dir = %(var)s/ncalrpc
    log file = %(var)s/log
"""
SHARE = """[%s]
    path = %s
    guest ok = yes
    guest only = yes
    writable = yes
"""


class Server:
    """smbd with a share for each mode's inbox. None of it: why() says what is missing."""

    def __init__(self, folder, modes):
        self.child, self.folder = None, folder
        self.conf = os.path.join(folder, "smb.conf")
        if self.why():
            return
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        os.makedirs(os.path.join(folder, "var"))
        with open(self.conf, "w") as file:
            file.write(CONF % {"port": self.port, "var": os.path.join(folder, "var"), "user": "root"})
            for mode in modes:
                file.write(SHARE % (mode.name, mode.spool.path("inbox")))
                mode.share = self
        # In a session of its own: when it ends, smbd signals its whole process group.
        with open(os.path.join(folder, "said"), "wb") as said:
            self.child = subprocess.Popen(["smbd", "-F", "--no-process-group", "-s", self.conf, "-l",
                                           os.path.join(folder, "var")], stdin=subprocess.DEVNULL,
                                          stdout=said, stderr=said, start_new_session=True)
        if not kit.wait_for(SERVE_S, self.serves):
            kit.ok(False, "smbd serves within %d s" % SERVE_S)

    @staticmethod
    def why():
        for program in ("smbd", "smbclient"):
            if shutil.which(program) is None:
                return "%s is not installed" % program
        return "smbd needs root here" if os.geteuid() != 0 else None

    def serves(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def end(self):
        if self.child is None:
            return
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(SERVE_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def server_of(a):
    if a.mode.share is None:
        raise Skipped(Server.why())
    return a.mode.share


def smbclient(a, *lines):
    server = server_of(a)
    return ["smbclient", "//127.0.0.1/" + a.mode.name, "-p", str(server.port), "-N", "-s", server.conf,
            "-c", "; ".join(("cd " + a.folder,) + lines)]


@way("smbclient put")
def smb_put(a):
    a.run(*smbclient(a, "put %s photo.jpg" % a.source))


@way("smbclient put, its source stalls")
def smb_put_slow(a):
    a.feed(*smbclient(a, "put - photo.jpg"))


@way("smbclient put, then rename")
def smb_put_rename(a):
    a.run(*smbclient(a, "put %s photo.jpg.part" % a.source, "rename photo.jpg.part photo.jpg"))


@way("smbclient put over a half one")
def smb_put_over(a):
    half = a.part("half.jpg")
    with open(half, "wb") as file:
        file.write(a.data[:a.half])
    a.run(*smbclient(a, "put %s photo.jpg" % half))
    a.stall()
    a.run(*smbclient(a, "put %s photo.jpg" % a.source))


def windows(a, how, stall_s):
    """smb_writer.py; what it did before its stall must lie untouched until it goes on."""
    if ctypes.util.find_library("smbclient") is None:
        raise Skipped("no libsmbclient.so.0")
    url = "smb://127.0.0.1:%d/%s/%s/photo.jpg" % (server_of(a).port, a.mode.name, a.folder)
    a.sets_times = True
    writer = subprocess.Popen([sys.executable, "-B", WRITER, url, a.source, how, str(stall_s)],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    said = [writer.stdout.readline()]
    if said[0] == b"stalls\n":
        said.append(writer.stdout.readline())
        a.untouched()
    rest, _ = writer.communicate()
    a.judge_copier(["smb_writer.py"], subprocess.CompletedProcess([], writer.returncode, b"".join(said) + rest))


@way("Windows: its size first, stalls")
def smb_sized(a):
    windows(a, "sized", STALL_S)


@way("Windows: size and both ends first")
def smb_ends(a):
    windows(a, "ends", SHORT_STALL_S if a.mode.is_polled else STALL_S)


@way("Windows: size, closed, filled later")
def smb_reopened(a):
    windows(a, "reopened", STALL_S)
