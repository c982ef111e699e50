# SPDX-License-Identifier: GPL-2.0-only
"""The helper's command line where there is no device."""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from snapfile import HELPERS, TOP, Tap

tap = Tap()
TTLOGD = os.path.join(HELPERS, "ttlogd")
USAGE, NOT_LOADED, FOLDER = 2, 3, 5


def run(*args, **kwargs):
    return subprocess.run([TTLOGD, *args], capture_output=True, check=False,
                          **kwargs)


def fails(status, message, *args):
    got = run(*args)
    said = got.stderr.decode()
    if not tap.ok(got.returncode == status and f": {message}" in said and
                  not got.stdout,
                  f"ttlogd {' '.join(args)!r:.80}: {status}, {message.strip()}"):
        print(f"# {got.returncode}: {said!r}")


def usage():
    fails(USAGE, "unrecognized option '--frob'\n", "--frob")
    fails(USAGE, "unexpected argument 'x'", "x")
    fails(USAGE, "output '': the path of a folder is accepted\n", "-o", "")
    for bad in ("-1", "86401", "x", "1s", "", " 1", "99999999999999999999"):
        fails(USAGE, f"timer '{bad}': 1 to 86400 seconds are accepted, or 0 for none\n",
              f"-t{bad}" if bad else "--timer=")
    for bad in ("-1", "x", "1k", "1 G", "", "1KB", "99999999999999999999",
                "16777216T"):
        fails(USAGE, f"keep '{bad}': a number of bytes is accepted, with K, M, G or T as a "
              "unit or without, or 0 for no limit\n", f"--keep={bad}")


def folders():
    with tempfile.TemporaryDirectory() as top:
        fails(FOLDER, f"the folder {top}/none: No such file or directory\n", "-o", f"{top}/none")
        fails(FOLDER, f"{os.path.realpath(__file__)} is no folder\n", "-o", __file__)
        odd_name = ("the path of the folder has a control character or isn't UTF-8, and would "
                    "be printed\n")
        for bad in (b"a\nb", b"\x1b[2J", b"\x7f", "\u009b2J".encode(), b"\xff",
                    b"caf\xe9", "\u202e".encode(), b"x\xe2\x82"):
            odd = os.path.join(top, os.fsdecode(bad))
            os.mkdir(odd)
            fails(USAGE, odd_name, "-o", odd)
            os.symlink(odd, f"{top}/link")
            fails(USAGE, odd_name, "-o", f"{top}/link")
            os.unlink(f"{top}/link")
        os.rmdir(odd)
        with open(odd, "wb"):
            fails(USAGE, odd_name, "-o", odd)
        long, path = os.open(top, os.O_RDONLY), top
        while len(path) <= 4000:
            os.mkdir("d" * 199, dir_fd=long)
            long = os.open("d" * 199, os.O_RDONLY, dir_fd=long)
            path += "/" + "d" * 199
        got = run("-o", ".", preexec_fn=lambda: os.fchdir(long))
        tap.same((got.returncode, got.stderr.decode()),
                 (USAGE, f"ttlogd: the path of the folder is too long: {len(path)} bytes, at "
                  "most 4000 are accepted\n"), f"a path of {len(path)} bytes")
        if not os.path.exists("/dev/ttlog"):
            not_loaded = ("/dev/ttlog: there is no such device: the module ttlog isn't "
                          "loaded\n")
            fine = os.path.join(top, "caf\u00e9 \u20ac")
            os.mkdir(fine)
            fails(NOT_LOADED, not_loaded, "-o", fine)
            fails(NOT_LOADED, not_loaded, "-o", top)
            fails(NOT_LOADED, not_loaded, "--once", "-o",
                  top, "-t", "0", "--keep", "3M")
        subprocess.run(["rm", "-r", top + "/" + "d" * 199], check=True)


def help_and_version():
    with open(os.path.join(TOP, "user/version.h"), encoding="ascii") as file:
        version = re.search(r'"(.*)"', file.read())[1]
    with open(os.path.join(TOP, "kmod/uapi/ttlog.h"), encoding="ascii") as file:
        abi = re.findall(r"#define TTLOG_ABI_M\w+\s+(\d+)", file.read())
    tap.same(run("--version").stdout.decode(),
             f"ttlogd {version} (ABI {'.'.join(abi)})\n", "--version")
    text = run("--help").stdout.decode()
    for option in ("-o, --output=DIR", "-t, --timer=SECONDS", "--keep=BYTES",
                   "--once", "--config=FILE", "--check-config"):
        tap.ok(option in text, f"help tells of {option}")


usage()
folders()
help_and_version()
tap.done()
