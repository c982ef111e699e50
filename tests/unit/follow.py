# SPDX-License-Identifier: GPL-2.0-only
"""ttlog follow with a device whose ring's memory is a file, in which events appear."""
import fcntl
import json
import os
import re
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from refuse import PRELOAD, USER, with_device
from snapfile import HELPERS, Tap

tap = Tap()
TTLOG = os.path.join(USER, "ttlog")
PATIENCE = 20
F_SETPIPE_SZ = 1031
HELD_AT = 192 + 8 * 5	# struct ttlog_ring.lost[TTLOG_LOST_HELD]


def ringmake(*args):
    return subprocess.run([os.path.join(HELPERS, "ringmake"), *args],
                          stdout=subprocess.PIPE, check=True).stdout


class Ring:
    """The file, and all that is in it in the end."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "ring")
        self.first, self.whole = ringmake("47"), ringmake()
        self.set(self.first)
        # 50 events: what a snapshot has of them.
        self.first_text = self.snapshot(folder)
        self.set(self.whole)
        self.text = self.snapshot(folder)
        self.json = self.snapshot(folder, "--json")
        self.logfmt = self.snapshot(folder, "-o", "logfmt")
        self.color = self.snapshot(folder, "--color=always", "--utc")
        tap.same((len(self.first_text), len(self.text), self.text[:50]),
                 (50, 100, self.first_text), "there are 50 events, and then 100")

    def snapshot(self, folder, *options):
        path = os.path.join(folder, "snapshot")
        got = with_device([TTLOG, "dump", "-o", path], FAKE_RING=self.path)
        tap.same(got.returncode, 0, f"a snapshot {got.stderr}")
        got = subprocess.run([TTLOG, "cat", *options, path], stdout=subprocess.PIPE,
                             check=True, text=True).stdout
        os.unlink(path)
        return got.splitlines(True)

    def set(self, memory):
        """In place, as it is mapped."""
        with open(self.path, "r+b" if os.path.exists(self.path) else "wb") as file:
            file.write(memory)

    def lose(self, nr):
        """So many events, by a hold."""
        with open(self.path, "r+b") as file:
            file.seek(HELD_AT)
            file.write(nr.to_bytes(8, sys.byteorder))


class Follow:
    """The program at work."""

    def __init__(self, ring, *args, fake="", stdout=subprocess.PIPE):
        # Some of the events are of its second hour, and none is printed before it is over.
        env = {**os.environ, "FAKE_RING": ring.path, "FAKE_DEVICE": f"up=7200 {fake}",
               "LD_PRELOAD": os.path.join(PRELOAD, "device.so")}
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen([TTLOG, "follow", *args], stdout=stdout,
                                        stderr=subprocess.PIPE, env=env)
        self.buffer = b""

    def lines(self, nr):
        """The next ones, as many as that, or fewer if no more come."""
        end = time.monotonic() + PATIENCE
        while self.buffer.count(b"\n") < nr and time.monotonic() < end:
            if select.select([self.process.stdout], [], [], 0.1)[0]:
                got = os.read(self.process.stdout.fileno(), 65536)
                if not got:
                    break
                self.buffer += got
        lines = self.buffer.decode().splitlines(True)
        self.buffer = "".join(lines[nr:]).encode()
        return lines[:nr]

    def end(self, *signals):
        """Returns its exit status, what is left of its output, and what it said."""
        for number in signals:
            self.process.send_signal(number)
        try:
            left, said = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            left, said = self.process.communicate()
        return self.process.returncode, self.buffer + (left or b""), said.decode()


ENDED = 0, b"", ""


def there_already(ring):
    ring.set(ring.whole)
    for args, expected in (
            ((), ring.text[-10:]), (("-n", "3"), ring.text[-3:]),
            (("--lines=all",), ring.text), (("--since-load",), ring.text),
            (("-n", "1000"), ring.text), (("-j", "-n", "2"), ring.json[-2:]),
            (("-ja",), ring.json), (("-ao", "logfmt"), ring.logfmt),
            (("-a", "--color=always", "--utc"), ring.color),
            (("-a", "--kind", "probe"), ring.text[:1]),
            (("-n2", "-g", "^event 5"), ring.text[3 + 58:3 + 60]),
            (("-n1", "--field", "key7"), ring.text[2:3])):
        follow = Follow(ring, *args)
        tap.same(follow.lines(len(expected)), expected, f"{args}: just these events")
        tap.same(follow.end(signal.SIGINT), ENDED, "and no other")


def coming(ring):
    for args, whole in (("-n0",), ring.text), (("-jn0",), ring.json):
        ring.set(ring.first)
        follow = Follow(ring, *args)
        time.sleep(0.5)
        ring.set(ring.whole)
        tap.same(follow.lines(50), whole[50:], f"{args}: those that come, in order")
        tap.same(follow.end(signal.SIGTERM), ENDED, "each once")


def losses(ring):
    ring.set(ring.first)
    for args, one, three in (
            ((), "-- cpu0 flow: 1 event lost (held) --\n",
             "-- cpu0 flow: 3 events lost (held) --\n"),
            (("-o", "logfmt"), "lost=1 cause=held cpu=0 channel=flow\n",
             "lost=3 cause=held cpu=0 channel=flow\n"),
            (("--json",), *('{"lost":{"cpu":0,"channel":"flow","cause":"held","events":%d}}\n'
                            % nr for nr in (1, 3)))):
        ring.lose(5)
        follow = Follow(ring, "-n1", *args)
        follow.lines(1)
        ring.lose(6)
        tap.same(follow.lines(1), [one], f"{args}: one that is lost")
        ring.lose(9)
        tap.same(follow.lines(1), [three], f"{args}: three")
        tap.same(follow.end(signal.SIGINT), ENDED, "and no more")
    json.loads(three)


def moving(ring):
    """The map moves in the midst of a reading, and before each of some others."""
    ring.set(ring.first)
    follow = Follow(ring, "-n1", fake="moves=5")
    tap.same(follow.lines(1), ring.first_text[-1:], "the map moves")
    ring.set(ring.whole)
    tap.same(follow.lines(50), ring.text[50:], "and nothing is lost or given twice")
    tap.same(follow.end(signal.SIGINT), ENDED, "nor anything said")


def no_reader(ring):
    """Whether there is something to print, or not."""
    ring.set(ring.first)
    follow = Follow(ring, "-n0")
    follow.process.stdout.close()
    follow.process.stdout = None
    tap.same(follow.end(), (0, b"", ""), "who reads goes: an end")
    read, write = os.pipe()
    os.close(read)
    follow = Follow(ring, "-a", stdout=write)
    os.close(write)
    tap.same((follow.process.wait(PATIENCE), follow.process.stderr.read()), (0, b""),
             "who reads has gone before the first event: nothing is said")
    got = subprocess.run(["sh", "-c", '"$@" | head -n 1', "sh", TTLOG, "follow", "-ja"],
                         capture_output=True, check=False, timeout=PATIENCE,
                         env={**os.environ, "FAKE_RING": ring.path,
                              "LD_PRELOAD": os.path.join(PRELOAD, "device.so")})
    tap.same((got.stdout.decode(), got.stderr), (ring.json[0], b""), "to head")
    with open("/dev/full", "wb") as full:
        follow = Follow(ring, stdout=full)
        tap.same(follow.end(), (1, b"", "ttlog: standard output: No space left on device\n"),
                 "no space for the output")


def stuck(ring):
    """Nobody takes what it prints, which is more than goes into the pipe."""
    ring.set(ring.whole)
    for signals in (signal.SIGTERM,), (signal.SIGINT, signal.SIGINT):
        read, write = os.pipe()
        fcntl.fcntl(write, F_SETPIPE_SZ, 4096)
        follow = Follow(ring, "-ja", stdout=write)
        os.close(write)
        time.sleep(0.5)
        tap.same(follow.process.poll(), None, "it waits")
        tap.same(follow.end(*signals), ENDED, f"told to end by {len(signals)}, it ends")
        os.close(read)


def idle(ring):
    ring.set(ring.first)
    follow = Follow(ring)
    follow.lines(10)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    time.sleep(2)
    follow.end(signal.SIGINT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    tap.ok(used < 0.2, f"two seconds without news take {used * 1000:.0f} ms")


def failing(ring):
    for fake, status, message in (
            ("OPEN=2", 3, "there is no such device"), ("OPEN=13", 4, "no permission to read"),
            ("MMAP=12", 1, "cannot map it"), ("MMAP_RING=12", 1, "cannot map a ring"),
            ("SYNC=5", 1, "cannot bring the kernel's log up to date"),
            ("SYNC@3=5", 1, "cannot bring the kernel's log up to date")):
        follow = Follow(ring, "-n0", fake=fake)
        got = follow.end()
        tap.ok(got[0] == status and message in got[2] and not got[1],
               f"{fake}: {status}, {message}")
    for bad in ("", "-1", "+1", " 1", "1x", "All", "18446744073709551615", "9" * 30):
        got = subprocess.run([TTLOG, "follow", f"--lines={bad}"], capture_output=True,
                             check=False, text=True)
        tap.ok(got.returncode == 2 and re.match(
            rf"ttlog follow: lines '{re.escape(bad)}': a number from 0 on, or all, is "
            "accepted\n", got.stderr), f"lines '{bad}'")


def formats():
    for name in "csv", "export":
        got = subprocess.run([TTLOG, "follow", "-o", name], capture_output=True, text=True,
                             check=False)
        tap.ok(got.returncode == 2 and got.stderr.startswith(
            f"ttlog follow: output '{name}': text, json and logfmt are accepted here\n"),
               f"no {name}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        ring = Ring(folder)
        there_already(ring)
        coming(ring)
        losses(ring)
        moving(ring)
        no_reader(ring)
        stuck(ring)
        idle(ring)
        failing(ring)
        formats()
    tap.done()


main()
