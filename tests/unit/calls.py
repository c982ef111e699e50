# SPDX-License-Identifier: GPL-2.0-only
"""System calls of the programs that fail as they hardly ever do: what is said then,
and what is tried again."""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from dump import elf, flat, recorder
from refuse import PRELOAD, USER
from snapfile import HELPERS, Tap, content, make

import cbor2

tap = Tap()
OTHER, PERMISSION = 1, 4
TTLOG, TTLOGD = os.path.join(USER, "ttlog"), os.path.join(USER, "ttlogd")
NUMBERED = re.compile(r"\.ttlog-\d+-[0-9a-f]{16}\.tmp")


class Failing:
    """Programs below @top, with a device whose ring has 100 events."""

    def __init__(self, top):
        self.top = top
        self.ring = os.path.join(top, "ring")
        self.out = os.path.join(top, "out")
        self.trace = os.path.join(top, "trace")
        os.mkdir(self.out)
        with open(self.ring, "wb") as ring:
            subprocess.run([os.path.join(HELPERS, "ringmake")], stdout=ring, check=True)

    def traced(self, inject, command, fake="", path=None):
        env = {"LD_PRELOAD": os.path.join(PRELOAD, "device.so"), "FAKE_RING": self.ring,
               "FAKE_DEVICE": fake}
        return ["strace", "-o", self.trace, *(["-P", path] if path else []),
                *(arg for rule in inject for arg in ("-e", "inject=" + rule)),
                *(arg for name, value in env.items() for arg in ("-E", f"{name}={value}")),
                *command]

    def run(self, inject, command, fake="", path=None):
        got = subprocess.run(self.traced(inject, command, fake, path), check=False,
                             capture_output=True, text=True, timeout=60)
        return (got.returncode, NUMBERED.sub("TEMP", got.stderr).splitlines(), got.stdout,
                "(INJECTED)" in self.traces())

    def traces(self):
        with open(self.trace, encoding="ascii") as trace:
            return trace.read()

    def says(self, message, inject, command, fake="", path=None):
        """It ends with this, and no file."""
        program = os.path.basename(command[0])
        status, said, _, hit = self.run(inject, command, fake, path)
        tap.same((status, said, hit, os.listdir(self.out)),
                 (OTHER, [f"{program}: {message}"], True, []),
                 f"{inject[-1]}: {message}")

    def files(self):
        """How many events each new file has."""
        nr = []
        for name in os.listdir(self.out):
            path = os.path.join(self.out, name)
            nr.append(len(cbor2.loads(content(path))["events"]))
            os.unlink(path)
        return nr


def writes(failing):
    dump = TTLOG, "dump", "-o", failing.out
    failing.says(f"cannot lock {failing.out}/TEMP: Resource temporarily unavailable",
                 ["flock:error=EAGAIN"], dump)
    failing.says(f"cannot make a file in {failing.out}: Function not implemented",
                 ["getrandom:error=ENOSYS"], dump)
    failing.says("/dev/ttlog: cannot find out what it is: Input/output error",
                 ["fstat,newfstatat:error=EIO"], dump, path="/dev/null")
    path = os.path.join(failing.out, "name")
    failing.says(f"cannot name a file {path}: Input/output error",
                 ["renameat2:error=EINVAL", "linkat:error=EIO"],
                 (TTLOG, "dump", "-o", path))
    for rule in "renameat2:error=EINVAL", "renameat2:error=ENOSYS", \
            "write:error=EINTR:when=1":
        status, said, _, hit = failing.run([rule], dump)
        tap.same((status, said, hit, failing.files()), (0, [], True, [100]),
                 f"{rule}: the file is there")


def loose(failing):
    """The folder can't be made durable: the file is there, which is said."""
    whole = "(the file is whole, but its name may not outlive a crash): Input/output error"
    for command, status in (((TTLOG, "dump", "-o", failing.out), OTHER),
                            ((TTLOGD, "--once", "-o", failing.out), 0)):
        got = failing.run(["fsync:error=EIO"], command, "trigger=1", failing.out)
        path = os.path.join(failing.out, os.listdir(failing.out)[0])
        program = os.path.basename(command[0])
        said = [f"{program}: cannot make {path} durable {whole}"]
        if command[0] == TTLOGD:
            said.append(f"ttlogd: {path} is written, {os.path.getsize(path)} bytes")
        tap.same((*got, failing.files()), (status, said, "", True, [100]),
                 f"{program}: a file whose name isn't durable")


def helper_writes(failing):
    """The same of the helper, with how often that was so."""
    once = TTLOGD, "--once", "-o", failing.out
    row = "Input/output error (1 in a row)"
    for rules, message in (
            (["getrandom:error=EIO"], f"cannot make a file in {failing.out}: {row}"),
            (["flock:error=EAGAIN"], f"cannot lock {failing.out}/TEMP: Resource temporarily "
             "unavailable (1 in a row)"),
            (["fsync:error=EIO:when=1"], f"cannot write {failing.out}/TEMP: {row}"),
            (["renameat2:error=EINVAL", "linkat:error=EIO"],
             f"cannot name a file {failing.out}/STEM-why.bin: {row}")):
        status, said, _, hit = failing.run(rules, once, "trigger=1")
        said = [re.sub(r"ttlog-\d+-\d{14}", "STEM", line) for line in said]
        tap.same((status, said, hit, os.listdir(failing.out)),
                 (OTHER, [f"ttlogd: {message}"], True, []), f"ttlogd: {message}")


def may_not(failing):
    status, said, _, hit = failing.run(["openat:error=EACCES"],
                                       (TTLOG, "dump", "-c", failing.ring, "-o", failing.out),
                                       path=failing.ring)
    tap.same((status, said, hit),
             (PERMISSION, [f"ttlog: {failing.ring}: Permission denied"], True),
             "a memory dump that may not be read")


def flattened(failing):
    """A dump that has to be arranged anew, in a folder that has no files without a name, and
    one that can't be read."""
    path = os.path.join(failing.top, "flat")
    with open(path, "wb") as file:
        file.write(flat(elf(recorder(0x11))))
    dump = TTLOG, "dump", "-c", path, "-o", failing.out
    for error in "EOPNOTSUPP", "EISDIR":
        got = failing.run([f"openat:error={error}:when=1"], dump, path=failing.out)
        tap.same((got[0], got[1], got[3], failing.files()), (0, [], True, [400]),
                 f"{error}: a flattened dump")
    arrange = f"{path}: cannot make what can be read out of the flattened dump, in {failing.out}"
    failing.says(f"{arrange}: Input/output error", ["pread64:error=EIO:when=2"], dump, path=path)


def earlier(failing):
    """What an earlier boot left stays where the folder can't be made durable."""
    left = os.path.join(failing.top, "left")
    with open(left, "wb") as file:
        subprocess.run([os.path.join(HELPERS, "regionmake"), "1", "1", "500"], stdout=file,
                       check=True)
    os.environ["FAKE_PREVIOUS"] = left
    status, said, _, hit = failing.run(["fsync:error=EIO:when=2"],
                                       (TTLOGD, "--once", "-o", failing.out), path=failing.out)
    del os.environ["FAKE_PREVIOUS"]
    tap.same((status, said[1:], hit, failing.files(), os.path.exists(left)),
             (OTHER, ["ttlogd: making what an earlier boot left durable: the folder "
                      f"{failing.out}: Input/output error"], True, [400], True),
             "what an earlier boot left, whose file may go with the power")


def reads(failing):
    path = make("rich", failing.top)
    command = TTLOG, "cat", "--json", path
    whole = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    status, said, out, hit = failing.run(["read:error=EINTR:when=1"], command, path=path)
    tap.ok(whole and (status, said, out, hit) == (0, [], whole, True),
           "a read that is interrupted is tried again")
    for args in ("cat", path), ("ls", path), ("verify", path):
        status, said, _, hit = failing.run(["read:error=EIO"], (TTLOG, *args), path=path)
        tap.same((status, said, hit), (OTHER, [f"ttlog: {path}: Input/output error"], True),
                 f"{args[0]}: a file that can't be read")
        status, said, _, hit = failing.run(["openat:error=EACCES"], (TTLOG, *args), path=path)
        tap.same((status, said, hit), (PERMISSION, [f"ttlog: {path}: Permission denied"], True),
                 f"{args[0]}: nor opened")


def waits(failing):
    """The helper, which is told to end as soon as it is attached."""
    helper = TTLOGD, "-o", failing.out, "-t", "0"
    for call, error in (("signalfd4", "EMFILE"), ("timerfd_create", "EMFILE"),
                        ("timerfd_settime", "ENOMEM")):
        text = {"EMFILE": "Too many open files", "ENOMEM": "Cannot allocate memory"}[error]
        failing.says(f"cannot wait for signals and the timer: {text}",
                     [f"{call}:error={error}"], helper)
    attached = f"ttlogd: attached, files go to {failing.out}"
    status, said, _, hit = failing.run(["poll,ppoll:error=ENOMEM"], helper)
    tap.same((status, said, hit), (OTHER, [attached, "ttlogd: waiting: Cannot allocate "
                                           "memory"], True), "poll() that fails")
    for rule, path in (("poll,ppoll:error=EINTR:when=1", None),
                       ("read:error=EAGAIN:when=1", "anon_inode:[signalfd]")):
        status, said, _, hit = failing.run([rule], helper, "stop=1", path)
        tap.same((status, said[:1], hit, failing.files()), (0, [attached], True, [100]),
                 f"{rule}: it goes on, and saves what is new at its end")
    tap.same(failing.traces().count("read("), 2, "the signal is read again")


def child_of(pid):
    """The one child. The kernel may list none for a moment."""
    for _ in range(200):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = file.read().split()
        if children:
            return int(children[0])
        time.sleep(0.05)
    # Or its output would be waited for.
    os.kill(pid, signal.SIGKILL)
    raise RuntimeError(f"process {pid} has no child")


def reloads(failing):
    """Another time for the timer, which can't be set."""
    path = os.path.join(failing.top, "config")
    with open(path, "w", encoding="ascii"):
        pass
    command = failing.traced(["timerfd_settime:error=ENOMEM:when=2"],
                             (TTLOGD, "-o", failing.out, "--config", path))
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as helper:
        helper.stderr.readline()
        with open(path, "w", encoding="ascii") as file:
            file.write("[ttlogd]\ntimer = 9\n")
        child = child_of(helper.pid)
        os.kill(child, signal.SIGHUP)
        said = helper.stderr.readline()
        os.kill(child, signal.SIGTERM)
        helper.stderr.read()
    tap.same((said, failing.files()),
             ("ttlogd: cannot set the timer to 9 s: Cannot allocate memory\n", [100]),
             "another time for the timer can't be set: it says so, and goes on")


def moves(failing):
    """To a folder that can't be written to."""
    path, other = (os.path.join(failing.top, name) for name in ("config", "other"))
    os.mkdir(other)
    with open(path, "w", encoding="ascii") as file:
        file.write(f"[ttlogd]\nfolder = {failing.out}\ntimer = 0\n")
    command = failing.traced(["faccessat,faccessat2:error=EROFS"], (TTLOGD, "--config", path),
                             path=other)
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as helper:
        helper.stderr.readline()
        with open(path, "w", encoding="ascii") as file:
            file.write(f"[ttlogd]\nfolder = {other}\n")
        child = child_of(helper.pid)
        os.kill(child, signal.SIGHUP)
        said = [helper.stderr.readline() for _ in range(3)]
        os.kill(child, signal.SIGTERM)
        helper.stderr.read()
    tap.same((said, failing.files()), ([f"ttlogd: {line}\n" for line in (
        f"the folder {other}: Read-only file system", "the configuration stays what it was",
        f"opened the folder {failing.out} again")], [100]), "another folder, which is read-only")


def once_ends(failing):
    """The one-shot is told to end while it writes the first of two."""
    for name in "TERM", "INT", "HUP":
        status, said, _, _ = failing.run([f"fsync:signal={name}:when=1"],
                                         (TTLOGD, "--once", "-o", failing.out),
                                         "trigger=1 then=3")
        names = os.listdir(failing.out)
        tap.same((status, said[1:], [name for name in names if name[0] == "."], len(names)),
                 (OTHER, ["ttlogd: told to end, and leaves what waits"], [], 1),
                 f"SIG{name}: the file in hand is finished, and no other begun")
        for name in names:
            os.unlink(os.path.join(failing.out, name))


def hooks_end(failing):
    """Where it can't leave its hooks to another process it waits for them itself."""
    hook, mark, config = (os.path.join(failing.top, name) for name in ("hook", "mark", "hooked"))
    with open(hook, "w", encoding="ascii") as file:
        file.write(f"#!/bin/sh\nsleep 0.5\nbasename $1 >{mark}\n")
    os.chmod(hook, 0o755)
    with open(config, "w", encoding="ascii") as file:
        file.write(f"[ttlogd]\nfolder = {failing.out}\nhook = {hook}\n")
    status, said, _, hit = failing.run(["clone,clone3:error=EAGAIN:when=1"],
                                       (TTLOGD, "--once", "--config", config), "trigger=1")
    names = os.listdir(failing.out)
    with open(mark, encoding="ascii") as file:
        tap.same((status, len(said), hit, [file.read()], failing.files()),
                 (0, 1, True, [name + "\n" for name in names], [100]),
                 "no other process for its hooks: it waits for them")


def keeps(failing):
    """What can't be written, and can't be kept either."""
    status, said, _, hit = failing.run(["memfd_create:error=ENOMEM"],
                                       (TTLOGD, "-o", "/proc", "-t", "0"), "trigger=1 stop=1")
    tap.same((status, said, hit),
             (5, ["ttlogd: " + text for text in (
                 "attached, files go to /proc",
                 "cannot make a file in /proc: No such file or directory (1 in a row)",
                 "the snapshot 'why' is lost: cannot keep it in memory: Cannot allocate "
                 "memory",
                 "cannot make a file in /proc: No such file or directory (2 in a row)")],
              True), "no memory for what can't be written is said")


def ticks(failing):
    """The timer whose number can't be read: nothing is saved before the end."""
    with subprocess.Popen(
            failing.traced(["read:error=EAGAIN"], (TTLOGD, "-o", failing.out, "-t", "1"),
                           path="anon_inode:[timerfd]"),
            stderr=subprocess.PIPE, text=True) as strace:
        failed = False
        while strace.poll() is None and not failed:
            time.sleep(0.05)
            failed = "(INJECTED)" in failing.traces()
        tap.same((failed, os.listdir(failing.out)), (True, []), "no tick, no file")
        os.kill(child_of(strace.pid), signal.SIGTERM)
        said = strace.stderr.read()
    tap.same((strace.returncode, said.count("is written"), failing.files()),
             (0, 1, [100]), "and all is saved at the end")


def main():
    with tempfile.TemporaryDirectory() as top:
        failing = Failing(top)
        writes(failing)
        loose(failing)
        helper_writes(failing)
        may_not(failing)
        flattened(failing)
        earlier(failing)
        reads(failing)
        waits(failing)
        reloads(failing)
        moves(failing)
        once_ends(failing)
        hooks_end(failing)
        keeps(failing)
        ticks(failing)
    tap.done()


main()
