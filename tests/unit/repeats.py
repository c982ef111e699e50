# SPDX-License-Identifier: GPL-2.0-only
"""Events that several files have: 'ttlog cat' prints them once."""
import copy
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
import cbor2
from snapfile import Tap, store, ttlog

tap = Tap()
NOON = 1606742055000
USAGE = 2
LOST = {name: 0 for name in ("filtered", "sampled", "limited", "too_large", "faulted", "held",
                             "no_ring", "missed")}
TALLY = {"offered": 0, "written": 0, "lost": LOST, "demoted": 0, "read": 0, "overwritten": 0,
         "holes": 0}
ONE, OTHER = "0123456789abcdef" * 2, "f123456789abcdef" * 2


def event(message, time, **more):
    return {"timestamp": NOON + time, "level": "info", "message": message, "cpu": 0,
            "pid": 1, "comm": "c", **more}


def ring(numbers, cpu=0, channel="flow"):
    given = {} if numbers is None else {"numbers": numbers}
    return {"cpu": cpu, "channel": channel, **TALLY, "from": 0, "to": 9, "oldest": 0, **given}


def messages(got):
    """Of JSON lines, as one text."""
    return " ".join(json.loads(line)["message"] for line in got.stdout.splitlines())


class Files:
    """In a folder of their own, by a number."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, number):
        return os.path.join(self.folder, f"{number}.bin")

    def write(self, number, events, *rings, recorder=ONE, **more):
        store(self.path(number), {
            "events": events, "recorder_id": recorder, "hostname": f"host{number}",
            "ledger": {"rings": list(rings), "totals": TALLY}, **more})

    def prints(self, what, expected, *options, numbers=(1, 2)):
        got = ttlog("cat", "-j", *options, *(self.path(number) for number in numbers))
        tap.same((got.returncode, got.stderr, messages(got)), (0, b"", expected), what)


def names(first, time, *numbers, **more):
    """Events of these numbers, from some time on, one a ms."""
    return [event(f"{first}{number}", time + i, **more) for i, number in enumerate(numbers)]


def once(files):
    files.write(1, names("e", 0, 0, 1, 2), ring([0, 3]))
    files.write(2, names("e", 1, 1, 2, 3), ring([1, 3]))
    files.prints("what two files have comes once", "e0 e1 e2 e3")
    files.prints("in any order", "e0 e1 e2 e3", numbers=(2, 1))
    files.prints("or as often as it is there", "e0 e1 e1 e2 e2 e3", "--repeats")
    files.prints("of the last ones, too", "e2 e3", "-n2")
    files.prints("and of what passes", "e1 e2", "-g", "[12]")
    files.prints("a file twice", "e0 e1 e2", numbers=(1, 1))
    files.write(3, names("e", 2, 2, 3, 4), ring([2, 3]))
    files.prints("three files", "e0 e1 e2 e3 e4", numbers=(1, 2, 3))
    files.prints("three files, one of them twice", "e0 e1 e2 e3 e4", numbers=(3, 1, 2, 1))
    with open(files.path(2), "rb") as file:
        got = ttlog("cat", "-j", files.path(1), "-", files.path(3), input=file.read())
    tap.same(messages(got), "e0 e1 e1 e2 e2 e3 e3 e4", "what comes from a pipe isn't known")
    got = ttlog("cat", "--info", "--repeats", files.path(1))
    tap.ok(got.returncode == USAGE and b"with --info there are no events to choose from" in
           got.stderr, "--info --repeats")


def clocks(files):
    """The same events by another wall clock."""
    files.write(1, names("e", 5000, 0, 1), ring([0, 2]))
    files.write(2, names("e", 0, 0, 1, 2), ring([0, 3]))
    got = ttlog("cat", "-j", files.path(1), files.path(2))
    tap.same([(e["message"], e["timestamp"] - NOON) for e in
              map(json.loads, got.stdout.splitlines())], [("e0", 0), ("e1", 1), ("e2", 2)],
             "the time is that of the first to have it")
    got = ttlog("cat", "-o", "export", files.path(1), files.path(2))
    tap.same((got.stdout.count(b"TTLOG_HOSTNAME=host2\n"), got.stdout.count(b"host1")), (3, 0),
             "and so is where it is from")
    between = f"@{NOON // 1000 + 4}"
    files.prints("a copy that is too early hides none that isn't", "e0 e1", "-S", between)
    files.prints("nor does one that is too late", "e0 e1 e2", "-U", between)


def others(files):
    files.write(1, names("e", 0, 0, 1), ring([0, 2]))
    for what, events, rings, recorder in (
            ("another recorder", names("e", 0, 0, 1), [ring([0, 2])], OTHER),
            ("another CPU", names("e", 0, 0, 1, cpu=1), [ring([0, 2], cpu=1)], ONE),
            ("another channel", names("e", 0, 0, 1, level="err"), [ring([0, 2], channel="keep")],
             ONE),
            ("another number", names("e", 0, 0, 1), [ring([2, 2])], ONE),
            ("no numbers", names("e", 0, 0, 1), [ring(None)], ONE),
            ("numbers of another ring", names("e", 0, 0, 1), [ring([0, 2], cpu=1)], ONE),
            ("an id that is none", names("e", 0, 0, 1), [ring([0, 2])], ONE[1:])):
        files.write(2, events, *rings, recorder=recorder)
        files.prints(what, "e0 e0 e1 e1")
    files.write(2, names("e", 0, 0) + names("x", 1, 1), ring([0, 2]))
    files.prints("another event of the same number", "e0 e1 x1")
    for key, value in (("level", "notice"), ("pid", 2), ("tid", 2), ("uid", 1), ("comm", "d"),
                       ("service", "s"), ("async", True), ("fields", {"a": 1}), ("cgroup", 1)):
        files.write(2, names("e", 0, 0, 1, **{key: value}), ring([0, 2]))
        files.prints(f"another {key}", "e0 e0 e1 e1")


def rings_of_all(files):
    """The number counts in the event's own ring."""
    mixed = [event("k0", 0, level="err"), event("f0", 1), event("d1", 2, level="err", demoted=True),
             event("p0", 3, kind="probe"), event("c0", 4, cpu=7), event("l0", 5, kind="klog"),
             event("z0", 6, kind="later")]
    rings = [ring([0, 2]), ring([0, 1], channel="keep"), ring([0, 1], channel="probe"),
             ring([0, 1], cpu=7), ring([0, 1], channel="klog"), ring([0, 1], channel="later")]
    files.write(1, mixed, *rings)
    files.write(2, mixed[2:], ring([1, 1]), *rings[2:])
    files.prints("each kind of ring", "k0 f0 d1 p0 c0 l0 z0 z0")


def holes(files):
    files.write(1, names("e", 0, 0, 2, 3, 7), ring([0, 1, 2, 2, 7, 1]))
    files.write(2, names("e", 0, 2, 3, 4, 7), ring([2, 3, 7, 1]))
    files.prints("with holes", "e0 e2 e3 e4 e7")
    many = [n for pair in range(32) for n in (2 * pair, 1)]
    events = names("e", 0, *range(0, 64, 2))
    files.write(1, events, ring(many))
    files.write(2, events, ring(many))
    files.prints("32 runs", " ".join(e["message"] for e in events))


def lies(files):
    """What a file says of its numbers may be wrong. Nothing is lost then."""
    good = names("e", 0, 0, 1, 2)
    files.write(1, good, ring([0, 3]))
    twice = "e0 e0 e1 e1 e2 e2"
    for what, numbers, expected in (
            ("fewer numbers than events", [0, 1], "e0 e1 e1 e2 e2"),
            ("more", [0, 9], "e0 e1 e2"), ("runs of none", [5, 0, 0, 3], "e0 e1 e2"),
            ("beyond 64 bits", [2 ** 64 - 1, 3], twice), ("an odd array", [0, 3, 0], twice),
            ("33 runs", [0, 3] * 33, twice), ("a number of text", ["0", 3], twice),
            ("no array", {"a": 1}, twice), ("none", [], twice)):
        files.write(2, good, ring(numbers))
        files.prints(what, expected)
    files.write(2, good, ring([0, 3]), ring([0, 3]))
    files.prints("a ring twice", "e0 e1 e2")
    files.write(2, good + names("e", 3, 0, 1, 2), ring([0, 3]), ring([0, 3]))
    files.prints("and its events", "e0 e1 e2")
    lacking = copy.deepcopy(ring([0, 3]))
    del lacking["oldest"]
    files.write(2, good, lacking)
    files.prints("a ledger that isn't whole", twice)


def frame(data):
    """Of one block: 7 bytes of header, the block, whose checksum is last, and an end mark."""
    return subprocess.run(["lz4", "-q", "-c", "-B4", "-BX", "--no-frame-crc"], input=data,
                          stdout=subprocess.PIPE, check=True).stdout


def damage(files):
    """A block of events can't be read: which those behind it are isn't known."""
    same = [event("e", i) for i in range(6)]
    files.write(1, same[:3], ring([0, 3]))
    tail = cbor2.dumps({"recorder_id": ONE, "ledger": {"rings": [ring([0, 6])],
                                                       "totals": TALLY}})
    frames = [frame(data) for data in (
        bytes([0xa3]) + cbor2.dumps("events") + bytes([0x86]),
        b"".join(map(cbor2.dumps, same[:3])), b"".join(map(cbor2.dumps, same[3:])), tail[1:])]
    for what, bad, expected in (("no block is damaged", None, "e e e e e e"),
                                ("one is: others like them aren't they", 1, "e e e e e e"),
                                ("one behind them", 2, "e e e")):
        blocks = [bytearray(data[7:-4]) for data in frames]
        if bad is not None:
            blocks[bad][-1] ^= 1
        with open(files.path(2), "wb") as file:
            file.write(frames[0][:7] + b"".join(blocks) + bytes(4))
        got = ttlog("cat", "-j", files.path(1), files.path(2))
        tap.same(messages(got), expected, what)


def room(files):
    """Of 1,200 large events, half of which come again when the limit is long reached."""
    nr, size = 1200, 60000
    large = [event("m" * size, i, pid=i) for i in range(nr)]
    files.write(1, large, ring([0, nr]))
    files.write(2, [dict(e, timestamp=e["timestamp"] + 3600000) for e in large], ring([0, nr]))
    entry = 40 + len(cbor2.dumps(dict(large[nr - 1], timestamp=0)))
    held = (64 << 20) // entry
    got = ttlog("cat", "-o", "logfmt", files.path(1), files.path(2))
    # Those of a small pid are a byte or two smaller.
    more = got.stdout.count(b"\n") - nr
    tap.ok(nr - held - 2 <= more <= nr - held, f"{more} of {nr} that no memory was left for "
           f"come again, by its limit {nr - held}")


with tempfile.TemporaryDirectory() as temporary:
    for test in (once, clocks, others, rings_of_all, holes, lies, damage, room):
        test(Files(temporary))
tap.done()
