# SPDX-License-Identifier: GPL-2.0-only
"""ttlog: what it says of whole, damaged and hostile files, and of folders."""
import json
import os
import resource
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from snapfile import Tap, compress, content, load, make, store, ttlog

tap = Tap()
NAME = "ttlog-4711-20261123101112-request"
HEADING = ("TIME                 REASON           SPAN    EVENTS    MISSING       LOST"
           "       SIZE STATE   FILE\n")


def row(time, reason, span, events, missing, lost, size, state, name):
    return (f"{time:<20} {reason:<12} {span:>8} {events:>9} {missing:>10} {lost:>10}"
            f" {size:>10} {state:<7} {name}\n")


def ls(*args, status=0, said="", what, **kwargs):
    """Check status and messages. Returns what was printed."""
    got = ttlog("ls", *args, **kwargs)
    error = got.stderr.decode()
    if not tap.ok(got.returncode == status and error == said, what):
        print(f"# {got.returncode}: {error!r}")
    return got.stdout.decode()


def whole(folder):
    rich = make("rich", folder)
    many = make("many", folder)
    empty = make("empty", folder)
    good = "2026-11-23T10:11:12Z", "request"
    want = (HEADING +
            row(*good, "13m18s", 5, 7, 18, os.path.getsize(rich), "ok", rich) +
            row(*good, "0.004s", 5000, 0, 0, os.path.getsize(many), "ok", many) +
            row(*good, "-", 0, 0, 0, os.path.getsize(empty), "ok", empty))
    tap.same(ls(folder, what="a folder"), want, "a row for each, by number")
    tap.same(ls(empty, rich, what="two files"),
             HEADING + want.splitlines(True)[3] + want.splitlines(True)[1],
             "in the order given")
    with open(rich, "rb") as file:
        tap.same(ls("-", input=file.read(), what="standard input, a pipe"),
                 HEADING + row(*good, "13m18s", 5, 7, 18, os.path.getsize(rich), "ok",
                               "standard input"), "its size is what came")
    return rich


def as_json(rich):
    snapshot = load(rich)
    events = snapshot.pop("events")
    totals = snapshot.pop("ledger")["totals"]
    snapshot.pop("filters", None)
    first, last = (e["timestamp"] * 10 ** 6 + e.get("ns", 0)
                   for e in (events[0], events[-1]))
    want = {**snapshot, "file": rich, "size": os.path.getsize(rich), "damaged": False,
            "events": 5, "events_expected": 5, "first_ns": first, "last_ns": last,
            "span_ns": last - first, "totals": totals}
    lines = ls("--json", rich, rich, what="--json").splitlines()
    tap.same([json.loads(line) for line in lines], [want, want],
             "--json: exact numbers, an object a line")


def spans(folder):
    """From ms to days; and one with a cause of loss of a later version."""
    snapshot = load(os.path.join(folder, NAME + ".bin"))
    event = {"timestamp": 10 ** 12, "level": "info", "message": "m", "cpu": 0, "pid": 1,
             "comm": "c"}
    path = os.path.join(folder, "span")
    for ms, text in ((0, "0.000s"), (1, "0.001s"), (59999, "59.999s"), (60000, "1m00s"),
                     (3599999, "59m59s"), (3600000, "1h00m"), (86399999, "23h59m"),
                     (86400000, "1d00h"), (999 * 86400000, "999d00h"), (-1, "0.000s")):
        snapshot["events"] = [event, {**event, "timestamp": 10 ** 12 + ms}]
        store(path, snapshot)
        tap.same(ls(path, what=f"{ms} ms").split()[11], text, f"{ms} ms are {text}")
    snapshot["ledger"]["totals"]["lost"]["later"] = 100
    store(path, snapshot)
    tap.same(ls(path, what="a cause of loss that isn't known").split()[14], "118",
             "is in the sum")
    tap.same(json.loads(ls("-j", path, what="and"))["totals"]["lost_otherwise"], 100,
             "has its number")
    os.unlink(path)


def last_block(data):
    """Where the last block of a frame begins."""
    at = 7
    while True:
        size, = struct.unpack_from("<I", data, at)
        after = at + 4 + (size & 0x7fffffff) + 4
        if not struct.unpack_from("<I", data, after)[0]:
            return at
        at = after


def damaged(folder, rich):
    with open(rich, "rb") as file:
        data = file.read()
    path = os.path.join(folder, "cut")
    at = last_block(data)
    said = (f"ttlog: {path}: 10 bytes from byte {at} on can't be read: "
            "damaged or cut off\n")
    with open(path, "wb") as file:
        file.write(data[:at + 10])
    got = ls(path, rich, what="a file that is cut off, and a whole one", status=1,
             said=said)
    tap.same(got, HEADING + row("2026-11-23T10:11:12Z", "request", "13m18s", 5, "-", "-",
                                at + 10, "damaged", path) +
             row("2026-11-23T10:11:12Z", "request", "13m18s", 5, 7, 18, len(data), "ok",
                 rich), "a row for both")
    got = json.loads(ls("-j", path, what="and in JSON", status=1, said=said))
    tap.same(sorted(got), sorted(
        ["file", "size", "damaged", "events", "events_expected", "first_ns", "last_ns",
         "span_ns", "service", "hostname", "pid", "created_at", "reason"]),
             "what isn't known is left out")
    with open(path, "wb") as file:
        file.write(b"hello")
    tap.same(ls(path, what="no snapshot at all", status=1,
                said=f"ttlog: {path}: no snapshot: this is no LZ4 frame\n"),
             HEADING + row("-", "-", "-", 0, "-", "-", 5, "damaged", path),
             "a row nevertheless")
    os.unlink(path)


def wrong(folder):
    """Well-formed, but not as the specification has it."""
    good = load(os.path.join(folder, NAME + ".bin"))
    path = os.path.join(folder, "wrong")
    for what, change, said in (
            ("a kernel that is no map", {"kernel": 5}, "a map is missing"),
            ("a kernel without release", {"kernel": {"version": "v", "machine": "m"}},
             "a map lacks a key"),
            ("a hostname of bytes", {"hostname": b"h"}, "a text is missing"),
            ("a pid beyond 32 bits", {"pid": 2 ** 32}, "a number is too large"),
            ("ns of a whole ms", {"complete_since": {"timestamp": 1, "ns": 10 ** 6,
                                                     "mono": 1}}, "a number is too large"),
            ("rings in a map", {"ledger": {"rings": {}, "totals": {}}},
             "an array is missing"),
            ("an empty ring", {"ledger": {"rings": [{}]}}, "a map lacks a key"),
            ("a key that is a number", {"versions": {1: 2}}, "a key is no text")):
        store(path, {**good, **change})
        got = ttlog("ls", path)
        tap.ok(got.returncode == 1 and f": {said}\n" in got.stderr.decode() and
               b" damaged " in got.stdout, f"{what}: {said}")
    # A key that is there twice: one is made of another that is as long.
    store(path, {**good, "hostnamf": "other"})
    data = content(path).replace(b"hostnamf", b"hostname")
    with open(path, "wb") as file:
        file.write(compress(data))
    got = ttlog("ls", path)
    tap.ok(got.returncode == 1 and b": a map has a key twice\n" in got.stderr,
           "a key that is there twice")
    os.unlink(path)


def hostile(folder):
    snapshot = load(os.path.join(folder, NAME + ".bin"))
    inner = os.path.join(folder, "a\n\x1b[31m \udcff\u202e")
    os.mkdir(inner)
    path = os.path.join(inner, NAME + ".bin")
    snapshot["reason"] = "a\nb\x1b\u202e"
    snapshot["hostname"] = "h\x9b\0"
    snapshot["created_at"] = "2026\n123101112"
    store(path, snapshot)
    shown = os.path.join(folder, "a\\n\\x1b[31m \\xff\\u{202e}", NAME + ".bin")
    tap.same(ls(inner, what="hostile texts"),
             HEADING + row("-", "a\\nb\\x1b\\u{202e}", "13m18s", 5, 7, 18,
                           os.path.getsize(path), "ok", shown), "are escaped")
    got = ls("-j", inner, what="hostile texts in JSON")
    tap.ok(got.count("\n") == 1 and got[:-1].isprintable(), "are escaped in JSON")
    got = json.loads(got)
    tap.same((got["reason"], got["hostname"], got["created_at"]),
             ("a\nb\x1b\u202e", "h\x9b\0", "2026\n123101112"), "and exact")
    tap.same(got["file"], os.path.join(folder, "a\n\x1b[31m \ufffd\u202e", NAME + ".bin"),
             "a name that isn't UTF-8 is made so")
    os.unlink(path)
    os.rmdir(inner)


def missing(folder, rich):
    gone = os.path.join(folder, "gone")
    got = ls(gone, rich, status=1, said=f"ttlog: {gone}: No such file or directory\n",
             what="a missing file, and another")
    tap.same(got.count("\n"), 2, "the other has its row")
    got = ttlog("ls")
    if os.path.exists("/var/lib/ttlog"):
        tap.ok(True, "the default folder # SKIP there is one")
    else:
        tap.same((got.returncode, got.stdout.decode(), got.stderr.decode()),
                 (1, HEADING, "ttlog: /var/lib/ttlog: No such file or directory\n"),
                 "the default folder, which is missing")


def thousands(folder):
    """As many as they are: few files are open, and little memory is used."""
    names = [os.path.join(folder, f"ttlog-{i}-20261123101112-x.bin") for i in range(3000)]
    first = os.path.join(folder, NAME + ".2.bin")
    for name in names:
        os.link(first, name)
    got = ls(folder, what="3,000 files",
             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16)))
    shown = [line.split()[-1] for line in got.splitlines()[1:]]
    tap.same([n for n in shown if n.endswith("-x.bin")], sorted(names),
             "each has its row, in order")


def main():
    with tempfile.TemporaryDirectory() as folder:
        rich = whole(folder)
        as_json(rich)
        spans(folder)
        damaged(folder, rich)
        wrong(folder)
        hostile(folder)
        missing(folder, rich)
        thousands(folder)
    tap.done()


main()
