# SPDX-License-Identifier: GPL-2.0-only
"""What an earlier boot left in reserved memory becomes files, each once: by the whole
program, killed at each of its system calls, and each of these failing in turn. The device
is preload/device.c."""
import datetime
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from cddl import Cddl
from inject import NEVER, Program
from refuse import PRELOAD, USER, with_device
from snapfile import HELPERS, TOP, Tap, load

tap = Tap()
TTLOGD = os.path.join(USER, "ttlogd")
RUNS, PANIC, CLEAN = 0, 1, 0x6e616c63
OTHER, FOLDER = 1, 5
RINGS, EVENTS = 4, 100
BOOTED = 1795428000 + 100	# real - mono, in s
PATIENCE = 20


class Machine:
    """A folder, and the halves of reserved memory."""

    def __init__(self, top):
        self.folder = os.path.join(top, "out")
        self.trace = os.path.join(top, "trace")
        self.halves = [os.path.join(top, "half0"), os.path.join(top, "half1")]
        self.env = dict(zip(("FAKE_PREVIOUS", "FAKE_PREVIOUS_1"), self.halves))
        self.command = [TTLOGD, "--once", "-o", self.folder]
        os.mkdir(self.folder)
        # All but which half it is for is the same each time.
        self.left = {}

    def leave(self, half, ident, state, started):
        """An earlier boot leaves this."""
        key = half, ident, state, started
        if key not in self.left:
            self.left[key] = subprocess.run(
                [os.path.join(HELPERS, "regionmake"), *map(str, (ident, state, started,
                                                                 half))],
                check=True, stdout=subprocess.PIPE).stdout
        self.put(half, self.left[key])

    def put(self, half, content):
        with open(self.halves[half], "wb") as file:
            file.write(content)

    def once(self, fake=""):
        return with_device(self.command, fake, **self.env)

    def program(self):
        env = {**self.env, "LD_PRELOAD": os.path.join(PRELOAD, "device.so")}
        return Program([arg for name, value in env.items() for arg in
                        ("-E", f"{name}={value}")] + self.command, self.trace, "flock(")

    def files(self):
        return sorted(name for name in os.listdir(self.folder) if name[0] != ".")

    def take(self):
        """The files, by their reason; they are removed."""
        snapshots = {name.split("-")[3][:-4]: load(os.path.join(self.folder, name))
                     for name in self.files()}
        self.clean()
        return snapshots

    def clean(self):
        shutil.rmtree(self.folder)
        os.mkdir(self.folder)

    def unsaved(self):
        return [half for half in range(2) if os.path.exists(self.halves[half])]


def events(started):
    return [{"timestamp": (started + BOOTED) * 1000 + nr * RINGS + ring + 1,
             "level": "warning", "message": f"ring {ring}, event {nr} of a disk that is slow",
             "cpu": ring // 2, "pid": 42, "comm": "writer", "service": "billing",
             "fields": {"ring": ring}, **({"demoted": True} if ring % 2 else {})}
            for nr in range(EVENTS) for ring in range(RINGS)]


def head(snapshot):
    return {key: value for key, value in snapshot.items() if key not in
            ("events", "pid", "ledger", "versions", "complete_since")}


def expected(ident, reason, mono):
    real = mono + BOOTED * 10 ** 9
    stamp = datetime.datetime.fromtimestamp(real // 10 ** 9, datetime.timezone.utc)
    return {"service": "ttlog", "hostname": "host.example", "reason": reason,
            "trigger": reason, "created_at": stamp.strftime("%Y%m%d%H%M%S"),
            "boot_id": "abababab-abab-abab-abab-abababababab",
            "recorder_id": f"{ident:02x}" * 16, "stands_for": 1,
            "kernel": {"release": "6.1.0-test", "version": "#1 SMP", "machine": "x86_64"},
            "clocks": {"mono": mono, "boot": mono + 100 * 10 ** 9, "real": real}}


def contents(machine):
    with open(os.path.join(TOP, "user/ttlog-snapshot.cddl"), encoding="ascii") as file:
        cddl = Cddl(file.read())
    machine.leave(0, 0x11, PANIC, 500)
    machine.leave(1, 0x22, RUNS, 700)
    got = machine.once()
    said = [line.split(" is written")[0][-9:] for line in got.stderr.splitlines()]
    tap.same((got.returncode, said, machine.unsaved()), (0, ["panic.bin", "reset.bin"], []),
             "two boots: a file each, the older first, and the memory is given back")
    left = machine.take()
    for reason, ident, mono, started in (("panic", 0x11, 501 * 10 ** 9, 500),
                                         ("reset", 0x22, 700 * 10 ** 9 + 400 * 10 ** 6, 700)):
        snapshot = left[reason]
        tap.same(head(snapshot), expected(ident, reason, mono), f"{reason}: what is of then")
        tap.ok(snapshot["events"] == events(started), f"{reason}: all events")
        tap.same(cddl.check("snapshot", snapshot), None, f"{reason}: as the CDDL has it")
    machine.leave(0, 0x33, CLEAN, 900)
    got = machine.once()
    tap.same((got.returncode, got.stderr, machine.files(), machine.unsaved()),
             (0, "", [], []), "shut down: no file, and the memory is given back")
    machine.put(1, b"garbage " * 5120)
    got = machine.once()
    tap.same((got.returncode, got.stderr, machine.files(), machine.unsaved()),
             (0, "ttlogd: nothing can be read of what an earlier boot left\n", [], []),
             "garbage: it is told, and the memory is given back")


def killed(machine):
    machine.leave(0, 0x11, PANIC, 500)
    got = machine.once("killed=1")
    tap.same((got.returncode, len(machine.files()), machine.unsaved()),
             (-signal.SIGKILL, 1, [0]), "killed before it could say that it is saved")
    os.mkfifo(os.path.join(machine.folder, "ttlog-1-20261101000000-panic.bin"))
    os.symlink("/dev/zero", os.path.join(machine.folder, "ttlog-2-20261101000000-panic.bin"))
    got = machine.once()
    tap.same((got.returncode, got.stderr, len(machine.files()), machine.unsaved()),
             (0, "ttlogd: what an earlier boot left was saved already: a file is of recorder "
              + 16 * "11" + "\n", 3, []), "the next one says so, and writes none")
    # Another boot's, and of the same one by a request: neither is it.
    machine.leave(0, 0x22, PANIC, 700)
    got = machine.once()
    tap.same((got.returncode, len(machine.files()), machine.unsaved()), (0, 4, []),
             "beside the file of another boot")
    machine.clean()


def judge(machine, got):
    """What is wrong when the next one has run, if anything."""
    if got.returncode == 0 and machine.unsaved():
        return "success, and it isn't given back"
    if not machine.unsaved() and len(machine.files()) != 1:
        return "it is given back without a file"
    after = machine.once()
    if after.returncode or machine.unsaved():
        return f"the next one ends with {after.returncode}, {after.stderr!r}"
    names = machine.files()
    if len(names) != 1:
        return f"there are {names}"
    if load(os.path.join(machine.folder, names[0]))["events"] != events(500):
        return "not all events are there"
    return None


def walk(machine, what, rule, least):
    """Have each system call end it, or fail."""
    machine.leave(0, 0x11, PANIC, 500)
    calls = [call for call in machine.program().syscalls() if call[0] not in NEVER]
    wrong, early = [], 0
    for name, nth in calls:
        machine.clean()
        machine.leave(0, 0x11, PANIC, 500)
        got = machine.program().run(f"{name}:{rule}:when={nth}")
        early += bool(machine.unsaved())
        complaint = judge(machine, got)
        if complaint:
            wrong.append(f"{name} {nth}: {complaint}")
    machine.clean()
    tap.same(wrong, [], f"{what} at each of {len(calls)} calls, {early} times before it "
             "was given back: one file in the end")
    tap.ok(least <= early < len(calls), f"{what}: these are {least} at least")


class Helper:
    """One that runs, and may write files of so many bytes."""

    def __init__(self, machine, *args, limit=resource.RLIM_INFINITY):
        env = {**os.environ, **machine.env, "FAKE_DEVICE": "trigger=1",
               "LD_PRELOAD": os.path.join(PRELOAD, "device.so")}
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen(
            [TTLOGD, "-o", machine.folder, *args], env=env, stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                  (limit, resource.RLIM_INFINITY)))
        self.said = []
        self.wait_for("attached")

    def wait_for(self, text):
        """Until it has said this."""
        for line in self.process.stderr:
            self.said.append(line)
            if text in line:
                return

    def unlimited(self):
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.said += self.process.communicate(timeout=PATIENCE)[1].splitlines(True)
        return self.process.returncode


def until(true):
    end = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def running(machine):
    """The helper that runs does it at its start, and again when it could not."""
    machine.leave(0, 0x11, PANIC, 500)
    helper = Helper(machine, "-t0")
    tap.same((machine.unsaved(), [name[-9:] for name in machine.files()][:1]),
             ([], ["panic.bin"]), "it is saved when the helper says that it is attached")
    tap.ok(until(lambda: len(machine.files()) == 2), "and then what waits")
    tap.same(helper.end(), 0, "it ends")
    machine.clean()
    for how, args in ("by SIGHUP", ("-t0",)), ("by the timer", ("-t1",)):
        machine.leave(0, 0x11, PANIC, 500)
        helper = Helper(machine, *args, limit=100)
        tap.ok("File too large" in helper.said[0] and machine.unsaved() == [0] and
               not machine.files(), f"it can't be written: {helper.said[0].strip()}")
        helper.unlimited()
        if "HUP" in how:
            helper.process.send_signal(signal.SIGHUP)
        tap.ok(until(lambda: not machine.unsaved()), f"{how} it is tried again")
        tap.ok(any(name.endswith("panic.bin") for name in machine.files()), "and there")
        tap.same(helper.end(), 0, "it ends")
        machine.clean()


def refusals(machine):
    for fake, status, message in (
            ("PREVIOUS=5", OTHER, "/dev/ttlog: cannot find what an earlier boot left: "
             "Input/output error"),
            ("MMAP_PREVIOUS=12", OTHER, "/dev/ttlog: cannot map what an earlier boot left: "
             "Cannot allocate memory"),
            ("page_size=100", OTHER, "/dev/ttlog: pages of 100 bytes make no sense")):
        machine.leave(0, 0x11, PANIC, 500)
        got = machine.once(fake)
        tap.same((got.returncode, got.stderr, machine.files(), machine.unsaved()),
                 (status, f"ttlogd: {message}\n", [], [0]), fake)
    got = machine.once("SAVED=5")
    tap.same((got.returncode, len(machine.files()), machine.unsaved()), (OTHER, 1, [0]),
             "that it is saved can't be said: it is there once more for the next one")
    got = machine.once("PREVIOUS=25")
    tap.same((got.returncode, got.stderr, machine.unsaved()), (0, "", [0]),
             "an older module says nothing of it")
    machine.clean()
    got = with_device([TTLOGD, "--once", "-o", "/proc/self"], **machine.env)
    tap.same((got.returncode, machine.unsaved()), (FOLDER, [0]), "a folder for no files")
    got = with_device([TTLOGD, "--once", "-o", "/proc/self"], "trigger=1 then=3",
                      **machine.env)
    tap.same(got.returncode, FOLDER, "triggers are served all the same")
    machine.once()
    machine.clean()


def main():
    with tempfile.TemporaryDirectory() as top:
        machine = Machine(top)
        contents(machine)
        killed(machine)
        refusals(machine)
        running(machine)
        walk(machine, "killed", "signal=KILL", 30)
        walk(machine, "EIO", "error=EIO", 20)
    tap.done()


main()
