# SPDX-License-Identifier: GPL-2.0-only
"""What systemd is told while it watches: twice in its time, by who gets on with the work,
and not by who hangs."""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from refuse import PRELOAD, USER
from snapfile import HELPERS, Tap

tap = Tap()


class Watched:
    """A helper, and what it tells."""

    def __init__(self, top, *args, fake="", **env):
        path = os.path.join(top, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.process = subprocess.Popen(
            [os.path.join(USER, "ttlogd"), "-o", top, "-t", "0", "--config", "/dev/null",
             *args], stderr=subprocess.PIPE, text=True,
            env={**os.environ, "FAKE_DEVICE": fake, "NOTIFY_SOCKET": path,
                 "FAKE_RING": os.path.join(top, "ring"),
                 "LD_PRELOAD": os.path.join(PRELOAD, "device.so"), **env})
        self.path = path

    def told(self, seconds):
        """Each note, with how long that took."""
        end, notes = time.monotonic() + seconds, []
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                notes.append((self.socket.recv(4096).decode(), time.monotonic()))
            except socket.timeout:
                break
        return notes

    def end(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(signal.SIGTERM)
        self.process.stderr.read()
        status = self.process.wait()
        self.socket.close()
        os.unlink(self.path)
        return status


def alive(notes):
    return [at for note, at in notes if note == "WATCHDOG=1"]


def regular(top):
    helper = Watched(top, WATCHDOG_USEC="600000")
    notes = helper.told(2.2)
    while len(alive(notes)) < 6 and helper.process.poll() is None:
        notes += helper.told(0.5)
    times = alive(notes)
    gaps = sorted(b - a for a, b in zip(times, times[1:]))
    tap.ok(notes[0][0].startswith("READY=1\n"), "first that it is there")
    tap.ok(gaps[len(gaps) // 2] < 0.5, f"half of its 0.6 s: {gaps[len(gaps) // 2]:.3f} s")
    tap.ok(gaps[0] > 0.25, f"and not more often: {gaps[0]:.3f} s at least")
    helper.process.send_signal(signal.SIGSTOP)
    time.sleep(0.1)
    helper.told(0.1)
    tap.same(alive(helper.told(0.8)), [], "not while it hangs")
    tap.same(helper.end(), 0, "it ends")


def unwatched(top):
    for what, env in (("unwatched", {}), ("0", {"WATCHDOG_USEC": "0"}),
                      ("no number", {"WATCHDOG_USEC": "600000x"}),
                      ("nothing", {"WATCHDOG_USEC": ""}),
                      ("another process is", {"WATCHDOG_USEC": "200000",
                                              "WATCHDOG_PID": "1"})):
        helper = Watched(top, **env)
        tap.same(alive(helper.told(0.5)), [], f"{what}: it isn't told")
        helper.end()


def at_work(top):
    """While it looks at many files, which takes more than that."""
    helper = Watched(top, fake="trigger=1", WATCHDOG_USEC="2000", WATCHDOG_PID="x")
    tap.same(alive(helper.told(0.3)), [], "a pid that is none: it isn't told")
    helper.end()
    subprocess.run(["rm", "-r", top + "/ring"], check=True)
    for name in os.listdir(top):
        os.unlink(os.path.join(top, name))
    for n in range(20000):
        with open(os.path.join(top, f"ttlog-1-20261101{n:06d}-timer.bin"), "wb"):
            pass
    helper = Watched(top, "--keep", "1", fake="reload=1", WATCHDOG_USEC="2000")
    notes = [note for note, _ in helper.told(2)]
    begin, end = notes.index(next(n for n in notes if n.startswith("RELOADING"))), \
        len(notes) - notes[::-1].index("READY=1")
    count = notes[begin:end].count("WATCHDOG=1")
    tap.ok(count >= 3, f"while it looks at 20000 files: {count} times")
    helper.end()


def at_its_end(top):
    """While it waits for a program that hangs."""
    hook, config = os.path.join(top, "hook"), os.path.join(top, "config")
    with open(hook, "w", encoding="ascii") as file:
        file.write("#!/bin/sh\nexec sleep 60\n")
    os.chmod(hook, 0o755)
    with open(config, "w", encoding="ascii") as file:
        file.write(f"[ttlogd]\nhook = {hook}\nhook_timeout = 1\n")
    helper = Watched(top, "--config", config, fake="trigger=1", WATCHDOG_USEC="200000")
    while "STATUS=The last" not in repr(helper.told(0.1)):
        pass
    helper.process.send_signal(signal.SIGTERM)
    notes = [note for note, _ in helper.told(1.5)]
    count = notes[notes.index("STOPPING=1"):].count("WATCHDOG=1")
    tap.ok(4 <= count <= 11, f"each 0.1 s of the second that a program has: {count} times")
    helper.end()


def reloading(top):
    config = os.path.join(top, "config")
    with open(config, "w", encoding="ascii"):
        pass
    helper = Watched(top, "--config", config)
    while "READY=1" not in repr(helper.told(0.1)):
        pass
    for text, status in (("[ttlogd]\n", []), ("x", [
            "STATUS=The configuration is wrong, and stays what it was"])):
        with open(config, "w", encoding="ascii") as file:
            file.write(text)
        helper.process.send_signal(signal.SIGHUP)
        notes = []
        while "READY=1" not in notes:
            notes += [note.split("=")[0] if note.startswith("RELOADING") else note
                      for note, _ in helper.told(0.1)]
        tap.same(notes, ["RELOADING", *status, "READY=1"], f"a configuration {text!r}")
    helper.end()


def main():
    with tempfile.TemporaryDirectory() as top:
        with open(os.path.join(top, "ring"), "wb") as ring:
            subprocess.run([os.path.join(HELPERS, "ringmake")], stdout=ring, check=True)
        regular(top)
        unwatched(top)
        at_its_end(top)
        reloading(top)
        at_work(top)
    tap.done()


main()
