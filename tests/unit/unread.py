# SPDX-License-Identifier: GPL-2.0-only
"""Nobody reads what the helper says: it serves, and ends, all the same."""
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tty

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from refuse import PRELOAD, USER
from snapfile import Tap

tap = Tap()
TTLOGD = os.path.join(USER, "ttlogd")
PATIENCE = 20


class Helper:
    """It, with a device that answers so."""

    def __init__(self, folder, fake, stderr=subprocess.DEVNULL, notify=""):
        self.folder = folder
        env = {**os.environ, "FAKE_DEVICE": fake, "NOTIFY_SOCKET": notify,
               "LD_PRELOAD": os.path.join(PRELOAD, "device.so")}
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen([TTLOGD, "-o", folder, "-t", "0"], stderr=stderr,
                                        env=env)

    def end(self):
        """Its exit status, or None if it doesn't end. The number of its files."""
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = None
        names = os.listdir(self.folder)
        for name in names:
            os.unlink(os.path.join(self.folder, name))
        return status, len(names)

    def has_files(self, count):
        return until(lambda: len([name for name in os.listdir(self.folder)
                                  if name.endswith(".bin")]) == count)


def until(true):
    end = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


class Notes:
    """The socket of a systemd that sleeps, which others have filled."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(name.replace("@", "\0"))
        self.socket.settimeout(PATIENCE)
        self.name = name
        self.filled = 0
        self.fill()

    def fill(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
            other.connect(self.name.replace("@", "\0"))
            other.setblocking(False)
            try:
                while True:
                    other.send(b"OTHER=1")
                    self.filled += 1
            except BlockingIOError:
                pass

    def read(self):
        """The next of the helper's."""
        note = b"OTHER=1"
        while note == b"OTHER=1":
            try:
                note = self.socket.recv(65536)
            except TimeoutError:
                return None
        return re.sub(r"=\d+", "=N", re.sub(r" .*-", " ", note.decode()))


def notes(folder, name):
    full = Notes(name)
    tap.ok(full.filled > 0, f"{name!r} holds {full.filled}, and no more")
    tap.same(Helper(folder, "trigger=1 stop=1", notify=name).end(), (0, 1),
             "nobody reads notes: it serves and ends")
    ready = f"READY=N\nSTATUS=Files go to {folder}"
    for fake, expected in (
            ("trigger=1 then=3", [ready, "STATUS=The then.bin"]),
            ("trigger=1 reload=1", ["STATUS=The why.bin", "RELOADING=N\nMONOTONIC_USEC=N",
                                    "READY=N"])):
        helper = Helper(folder, fake, notify=name)
        files = fake.count("=") - fake.count("reload")
        tap.ok(helper.has_files(files), f"{fake}, nobody reads notes: it goes on serving")
        time.sleep(0.5)
        tap.same([full.read() for _ in expected], expected,
                 f"{fake}: when they are read they come in order, the last of a kind")
        helper.process.send_signal(signal.SIGTERM)
        tap.same((full.read(), helper.end()), ("STOPPING=N", (0, files)),
                 f"{fake}: and so does the last")
        full.fill()
    full.socket.close()
    for gone in name, name + 100 * "x":
        tap.same(Helper(folder, "trigger=1 stop=1", notify=gone).end(), (0, 1),
                 f"{gone!r:.40}: nobody is there for notes: it serves and ends")


def fill(write):
    """Until it would wait. Returns how many bytes that took."""
    size, before = 0, -1
    while size > before:
        before = size
        for part in bytes(4096), b"\0":
            try:
                while True:
                    size += write(part)
            except BlockingIOError:
                pass
        # What a terminal takes it hands on later.
        time.sleep(0.2)
    return size


def pipe():
    return os.pipe()


def sockets():
    out, into = socket.socketpair()
    return out.detach(), into.detach()


def terminal():
    out, into = os.openpty()
    tty.setraw(into)
    return out, into


def stderr(folder, kind):
    """Full, and shared with others, who want to wait."""
    out, into = kind()
    name = kind.__name__

    def full():
        os.set_blocking(into, False)
        size = fill(lambda part: os.write(into, part))
        os.set_blocking(into, True)
        return size

    def read(size):
        text = b""
        while len(text) < size and select.select([out], [], [], PATIENCE)[0]:
            text += os.read(out, size - len(text))
        return text.decode()

    size = full()
    tap.same(Helper(folder, "trigger=1 stop=1", into).end(), (0, 1),
             f"nobody reads stderr, a {name} that holds {size}: it serves and ends")
    tap.same(read(size), size * "\0", f"{name}: it said nothing")
    tap.ok(os.get_blocking(into), f"{name}: others wait as before")
    size = full()
    helper = Helper(folder, "trigger=1 then=3", into)
    tap.ok(helper.has_files(2), f"nobody reads stderr, a {name}: it goes on serving")
    time.sleep(0.5)
    read(size)
    helper.process.send_signal(signal.SIGHUP)
    lines = (f"ttlogd: lines that nobody read are missing here: 3\n"
             f"ttlogd: opened the folder {folder} again\n")
    tap.same(read(len(lines)), lines, f"{name}: when it is read, it says what is missing")
    helper.process.send_signal(signal.SIGHUP)
    lines = lines[lines.index("\n") + 1:]
    tap.same(read(len(lines)), lines, f"{name}: once")
    helper.process.send_signal(signal.SIGTERM)
    tap.same(helper.end(), (0, 2), f"{name}: and ends")
    os.close(out)
    os.close(into)


def main():
    with tempfile.TemporaryDirectory() as top:
        folder = os.path.join(top, "out")
        os.mkdir(folder)
        notes(folder, os.path.join(top, "notify"))
        notes(folder, f"@ttlog-test-{os.getpid()}")
        for kind in pipe, sockets, terminal:
            stderr(folder, kind)
    tap.done()


main()
