# SPDX-License-Identifier: GPL-2.0-only
"""The helper's way to a file: kept in memory, written late, older ones removed for
it. Killed at each of its system calls, and each of these failing in turn: no partial
file stands under a final name, what is to stay stays, and what failed once is written
when it is tried again."""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from inject import NEVER, Program
from refuse import PRELOAD, USER
from snapfile import HELPERS, Tap, make

tap = Tap()
SAVEMAKE = os.path.join(HELPERS, "savemake")
NEW = "ttlog-4711-20261123101112-%s.bin"
OLD = "ttlog-%d-20261101000000-timer.bin"
EVIDENCE = "ttlog-1-20261101000000-oops.bin"
OTHERS = {"precious": b"not ours", "ttlog-1-20261101000000-timer.txt": b"nor this"}


class Folder:
    """The helper's, with room for the newer one when two old ones have gone."""

    def __init__(self, top):
        self.path = os.path.join(top, "out")
        other = os.path.join(top, "other")
        os.mkdir(other)
        with open(make("oops", other), "rb") as file:
            self.evidence = file.read()
        self.keep = 0
        self.new = {}
        for reason, inject in (("newer", ()),
                               ("older", ("memfd_create:error=ENOMEM:when=2",))):
            self.fill()
            self.program().run(*inject)
            self.new[reason] = self.read(NEW % reason)
        self.keep = len(self.evidence) + 4000 + len(self.new["newer"]) - 1500

    def program(self):
        return Program([SAVEMAKE, self.path, str(self.keep)],
                       self.path + ".trace", "memfd_create(")

    def fill(self, size=1000):
        subprocess.run(["rm", "-rf", self.path], check=True)
        os.mkdir(self.path)
        self.put(size)

    def put(self, size):
        files = {OLD % n: bytes(size) for n in range(4)}
        for name, what in {**files, EVIDENCE: self.evidence, **OTHERS}.items():
            with open(os.path.join(self.path, name), "wb") as file:
                file.write(what)

    def read(self, name):
        with open(os.path.join(self.path, name), "rb") as file:
            return file.read()

    def written(self):
        """The new files, under whatever number."""
        return {name for name in os.listdir(self.path) for reason in self.new
                if name.startswith((NEW % reason)[:-len("bin")])}

    def judge(self, result):
        """What is wrong after a run, if anything."""
        names = set(os.listdir(self.path))
        new = self.written()
        for name, what in {**OTHERS, EVIDENCE: self.evidence}.items():
            if name not in names or self.read(name) != what:
                return f"{name} is gone"
        for reason, what in self.new.items():
            if any(self.read(name) != what for name in new
                   if f"-{reason}." in name):
                return f"the file of '{reason}' is partial"
            if (f"/{NEW % reason} is written" in result.stderr
                    and NEW % reason not in names):
                return f"the file of '{reason}' is told of and not there"
        if any(name.endswith(".1.bin") for name in names):
            return "it is written twice"
        gone = [n for n in range(4) if OLD % n not in names]
        if gone != list(range(len(gone))) or len(gone) > 2:
            return f"of the old files {gone} are gone"
        for name in names - new - set(OTHERS) - {EVIDENCE}:
            if not (name.startswith("ttlog-") or
                    name.startswith(".ttlog-") and name.endswith(".tmp")):
                return f"there is {name}"
        if gone and not new:
            return "old files gave way to nothing"
        return None


def walk_kills(folder):
    folder.fill()
    calls = folder.program().syscalls()
    wrong, done, removed = [], 0, 0
    for name, n in calls:
        folder.fill()
        result = folder.program().run(f"{name}:signal=KILL:when={n}")
        if result.returncode != -signal.SIGKILL:
            wrong.append(f"{name} {n}: exit status {result.returncode}")
        complaint = folder.judge(result)
        if complaint:
            wrong.append(f"{name} {n}: {complaint}")
        done += os.path.exists(os.path.join(folder.path, NEW % "newer"))
        removed += not os.path.exists(os.path.join(folder.path, OLD % 0))
    tap.same(wrong, [], f"killed at each of {len(calls)} calls, {done} times the file "
             f"was there already, {removed} times an old one had gone")
    tap.ok(0 < removed < done < len(calls), "there are kills before and after")


def walk_errors(folder, error):
    folder.fill()
    calls = [c for c in folder.program().syscalls() if c[0] not in NEVER]
    wrong, again, loose = [], 0, 0
    for name, n in calls:
        folder.fill()
        result = folder.program().run(f"{name}:error={error}:when={n}")
        complaint = folder.judge(result)
        if not complaint and result.returncode:
            complaint = f"exit status {result.returncode}: {result.stderr}"
        if not complaint and not folder.written():
            complaint = "there is no file"
        again += "in a row)" in result.stderr
        # All that failed was to make its name durable.
        loose += (f"cannot make {folder.path}/{NEW % 'newer'} durable" in
                  result.stderr and "in a row)" not in result.stderr)
        if complaint:
            wrong.append(f"{name} {n}: {complaint}")
    tap.same(wrong, [], f"{error} at each of {len(calls)} calls, {again} times it was "
             "written at the second try only")
    tap.same(loose, 1, f"{error}: a name that isn't durable is told of, and there")
    names = {name for name, _ in calls}
    tap.same({"memfd_create", "openat", "write", "fsync", "renameat2", "unlinkat",
              "pread64"} - names, set(), "all that can fail is among these")


def in_vain(folder):
    """Old files go once, for as many bytes, and not where they could not do."""
    old = {OLD % n for n in range(4)}
    for size, keep, error, fails, gone, done in (
            (3000, 1 << 30, "ENOSPC", "1", 3, True),
            (3000, 1 << 30, "EDQUOT", "1", 3, True),
            (3000, 1 << 30, "ENOSPC", "1..2", 3, True),
            (3000, 1 << 30, "ENOSPC", "1..3", 3, False),
            (1000, 1 << 30, "ENOSPC", "1", 0, True),
            (3000, 1 << 30, "EIO", "1", 0, True),
            (3000, 0, "ENOSPC", "1", 0, True)):
        folder.fill(size)
        result = Program([SAVEMAKE, folder.path, str(keep)], folder.path + ".trace",
                         "").run(f"fsync:error={error}:when={fails}")
        names = set(os.listdir(folder.path))
        tap.same((result.returncode, old - names, names - old),
                 (int(not done), {OLD % n for n in range(gone)},
                  {EVIDENCE, *OTHERS} | ({NEW % "newer"} if done else set())),
                 f"--keep {keep}, {error} at fsync {fails}: {gone} of 4 with {size} bytes go")


def counted(folder, runtime):
    """What failed and what was written is in the file of counts."""
    for name in os.listdir(runtime):
        os.unlink(os.path.join(runtime, name))
    folder.fill()
    folder.program().run("fsync:error=EIO:when=1")
    size = os.path.getsize(os.path.join(folder.path, NEW % "newer"))
    with open(os.path.join(runtime, "counts"), encoding="ascii") as file:
        text = file.read()
    seconds = int(re.search(rf" {size} (\d+) {size} ", text)[1]) / 1000
    tap.same((abs(time.time() - seconds) < 60, re.sub(r"\d{13}", "T", text)),
             (True, "ttlog counts 1\nfailed 1 0\noverwritten 0 0 0 0\n"
              f"files request newer 1 1 {size} T {size} 0\n"), "and is counted")
    tap.same(sorted(os.listdir(runtime)), ["counts", "lock"], "no other file is there")


def fill_up(folder):
    with open(os.path.join(folder, "filler"), "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            pass


def full_disk(folder):
    """A real one, and the helper: each of two snapshots is there soon."""
    folder.fill(4096)
    if os.geteuid() or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder.path],
            check=False, capture_output=True).returncode:
        tap.ok(True, "disk full # SKIP not root, or no mount")
        return
    folder.put(4096)
    fill_up(folder.path)
    before = set(os.listdir(folder.path))
    with subprocess.Popen(
            [os.path.join(USER, "ttlogd"), "-o", folder.path, "-t", "0"],
            stderr=subprocess.PIPE, text=True,
            env={**os.environ, "FAKE_DEVICE": "trigger=1 then=3",
                 "LD_PRELOAD": os.path.join(PRELOAD, "device.so")}) as helper:
        for _ in range(80):
            time.sleep(0.1)
            names = set(os.listdir(folder.path))
            if len([name for name in names - before if name.endswith(".bin")]) == 2:
                break
        helper.terminate()
        said = helper.stderr.read()
    subprocess.run(["umount", folder.path], check=True)
    tap.same((before - names, sorted(name.split("-")[-1] for name in names - before)),
             ({OLD % 0, OLD % 1}, ["then.bin", "why.bin"]),
             "disk full: one old file goes for each new one")
    tap.same(said.count("is removed: in the way of evidence"), 2, "and it says so")


def main():
    with tempfile.TemporaryDirectory() as top:
        runtime = os.path.join(top, "run")
        os.mkdir(runtime)
        os.environ["RUNTIME_DIRECTORY"] = runtime
        folder = Folder(top)
        counted(folder, runtime)
        folder.fill()
        result = folder.program().run()
        left = sorted(name for name in os.listdir(folder.path)
                      if name.endswith(".bin"))
        tap.same((result.returncode, folder.judge(result), left),
                 (0, None, sorted((EVIDENCE, OLD % 2, OLD % 3, NEW % "newer"))),
                 "the newer one is written, and the two oldest go for it")
        # Once with counts, which may fail as well.
        walk_errors(folder, "EIO")
        os.environ["RUNTIME_DIRECTORY"] = os.path.join(top, "none")
        walk_kills(folder)
        walk_errors(folder, "ENOSPC")
        in_vain(folder)
        full_disk(folder)
    tap.done()


main()
