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
from refuse import PRELOAD, USER
from snapfile import HELPERS, Tap, content, make

import cbor2

tap = Tap()
OTHER = 1
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


def reads(failing):
    path = make("rich", failing.top)
    command = TTLOG, "cat", "--json", path
    whole = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    status, said, out, hit = failing.run(["read:error=EINTR:when=1"], command, path=path)
    tap.ok(whole and (status, said, out, hit) == (0, [], whole, True),
           "a read that is interrupted is tried again")


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
        reads(failing)
        waits(failing)
        reloads(failing)
        once_ends(failing)
        keeps(failing)
        ticks(failing)
    tap.done()


main()
