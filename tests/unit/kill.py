# SPDX-License-Identifier: GPL-2.0-only
"""The writer of files, killed at each of its system calls, and each of these
failing in turn: no partial file stands under a final name, none is replaced, and
a path is printed only for a file that is whole."""
import errno
import os
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from inject import NEVER, Program
from snapfile import SNAPMAKE, Tap, make

tap = Tap()
FINAL = "ttlog-4711-20261123101112-request"


def program(folder):
    return Program([SNAPMAKE, "many", folder], os.path.join(folder, "../trace"),
                   f'"{folder}"')


def finals(folder):
    return sorted(n for n in os.listdir(folder) if not n.startswith("."))


def clean(folder):
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def prepare(folder, old):
    """A file is in the way of the new one's first name."""
    clean(folder)
    with open(os.path.join(folder, FINAL + ".bin"), "wb") as file:
        file.write(old)


def judge(folder, result, whole, old):
    """What is wrong after a run, if anything."""
    names = finals(folder)
    if read(folder, FINAL + ".bin") != old:
        return "an old file was replaced"
    if set(names) - {FINAL + ".bin", FINAL + ".1.bin"}:
        return f"there is {names}"
    if FINAL + ".1.bin" in names and read(folder, FINAL + ".1.bin") != whole:
        return "a partial file has a final name"
    told = result.stdout.rstrip("\n")
    if told and told != os.path.join(folder, FINAL + ".1.bin"):
        return f"it printed {told!r}"
    if told and FINAL + ".1.bin" not in names:
        return "it printed a path where nothing is"
    if result.returncode == 0 and not told:
        return "success without a path"
    return None


def walk_kills(folder, whole, old, what, *inject):
    calls = [c for c in program(folder).syscalls(*inject)
             if not any(rule.startswith(c[0] + ":") for rule in inject)]
    wrong, done = [], 0
    for name, n in calls:
        prepare(folder, old)
        result = program(folder).run(*inject, f"{name}:signal=KILL:when={n}")
        if result.returncode != -signal.SIGKILL:
            wrong.append(f"{name} {n}: exit status {result.returncode}")
        complaint = judge(folder, result, whole, old)
        if complaint:
            wrong.append(f"{name} {n}: {complaint}")
        done += FINAL + ".1.bin" in finals(folder)
    tap.same(wrong, [], f"{what}: killed at each of {len(calls)} calls, "
             f"{done} times the file was there already")
    tap.ok(0 < done < len(calls), f"{what}: there are kills before and after")


def walk_errors(folder, whole, old, error):
    """Failures that nobody has to care for leave the file as it is to be."""
    calls = [c for c in program(folder).syscalls() if c[0] not in NEVER]
    wrong, failed = [], 0
    for name, n in calls:
        prepare(folder, old)
        result = program(folder).run(f"{name}:error={error}:when={n}")
        complaint = judge(folder, result, whole, old)
        if not complaint and result.returncode not in (0, 1):
            complaint = f"exit status {result.returncode}"
        if not complaint and result.returncode:
            failed += 1
            text = os.strerror(getattr(errno, error))
            if text not in result.stderr:
                complaint = f"the reason isn't told: {result.stderr!r}"
            elif folder not in result.stderr and name != "write":
                complaint = f"the path isn't told: {result.stderr!r}"
            leftover = [f for f in os.listdir(folder) if f.startswith(".")]
            if leftover and name != "unlinkat":
                complaint = f"{leftover} is left"
        if complaint:
            wrong.append(f"{name} {n}: {complaint}")
    tap.same(wrong, [], f"{error} at each of {len(calls)} calls, "
             f"{failed} of these an error of the whole")
    for name in ("openat", "write", "fsync", "renameat2"):
        tap.ok(name in (c[0] for c in calls), f"{name} is among these")


def disk_full(folder):
    """A real one: a file system with room for a part."""
    if os.geteuid():
        tap.ok(True, "disk full # SKIP not root")
        return
    mount = os.path.join(folder, "full")
    os.mkdir(mount)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "none", mount],
                      check=False, capture_output=True).returncode:
        tap.ok(True, "disk full # SKIP no mount")
        os.rmdir(mount)
        return
    result = subprocess.run([SNAPMAKE, "many", mount], capture_output=True,
                            text=True, check=False)
    left = os.listdir(mount)
    subprocess.run(["umount", mount], check=True)
    os.rmdir(mount)
    tap.ok(result.returncode == 1 and not result.stdout and not left and
           "No space left on device" in result.stderr and
           mount in result.stderr, f"disk full: {result.stderr.strip()}")


def main():
    with tempfile.TemporaryDirectory() as top:
        folder = os.path.join(top, "out")
        os.mkdir(folder)
        whole = read(make("many", folder))
        old = b"old"
        prepare(folder, old)
        walk_kills(folder, whole, old, "rename")
        prepare(folder, old)
        walk_kills(folder, whole, old, "no renameat2: link",
                   "renameat2:error=EINVAL")
        prepare(folder, old)
        for error in ("EIO", "ENOSPC"):
            walk_errors(folder, whole, old, error)
            prepare(folder, old)
        disk_full(top)
    tap.done()


main()
