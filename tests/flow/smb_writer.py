#!/usr/bin/env python3
"""smb_writer.py URL SOURCE HOW STALL_S: copies SOURCE to URL as a client of another system does.

HOW: sized       the final size first (SetEndOfFile), half of it, STALL_S of nothing, the rest, then
                 its times while it is still open: Windows Explorer
     ends        the same, but both ends first: the middle is missing while it looks whole
     reopened    created with its size and closed; opened again after STALL_S and filled
By libsmbclient, through its C interface. Says "stalls" on standard output when it does.
"""
import ctypes
import os
import sys
import time

BLOCK = 65536
AUTH = ctypes.CFUNCTYPE(None, *[ctypes.c_char_p] * 2, *[ctypes.c_void_p, ctypes.c_int] * 3)


@AUTH
def as_guest(server, share, group, n_group, user, n_user, password, n_password):
    ctypes.memset(user, 0, n_user)
    ctypes.memset(password, 0, n_password)


class Timeval(ctypes.Structure):
    _fields_ = [("sec", ctypes.c_long), ("usec", ctypes.c_long)]


smb = ctypes.CDLL("libsmbclient.so.0", use_errno=True)
smb.smbc_lseek.argtypes = [ctypes.c_int, ctypes.c_int64, ctypes.c_int]
smb.smbc_lseek.restype = ctypes.c_int64
smb.smbc_ftruncate.argtypes = [ctypes.c_int, ctypes.c_int64]
smb.smbc_write.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t]
smb.smbc_write.restype = ctypes.c_ssize_t


def must(result):
    if result < 0:
        sys.exit("smb: " + os.strerror(ctypes.get_errno()))
    return result


def write(fd, at, data):
    must(smb.smbc_lseek(fd, at, os.SEEK_SET))
    for start in range(0, len(data), BLOCK):
        piece = data[start:start + BLOCK]
        if must(smb.smbc_write(fd, piece, len(piece))) != len(piece):
            sys.exit("smb: a short write")


def stall(seconds):
    print("stalls", flush=True)
    time.sleep(seconds)
    print("goes on", flush=True)


def main():
    url, source, how, stall_s = sys.argv[1].encode(), sys.argv[2], sys.argv[3], float(sys.argv[4])
    with open(source, "rb") as file:
        data = file.read()
    half = len(data) // 2
    must(smb.smbc_init(as_guest, 0))
    fd = must(smb.smbc_open(url, os.O_RDWR | os.O_CREAT, 0o644))
    must(smb.smbc_ftruncate(fd, len(data)))
    if how == "reopened":
        must(smb.smbc_close(fd))
        stall(stall_s)
        fd = must(smb.smbc_open(url, os.O_RDWR, 0o644))
        write(fd, 0, data)
    elif how == "ends":
        write(fd, len(data) - BLOCK, data[-BLOCK:])
        write(fd, 0, data[:BLOCK])
        stall(stall_s)
        write(fd, 0, data)
    else:
        write(fd, 0, data[:half])
        stall(stall_s)
        write(fd, half, data[half:])
    must(smb.smbc_utimes(url, (Timeval * 2)(Timeval(1071230400, 0), Timeval(1071230400, 0))))
    must(smb.smbc_close(fd))


main()
