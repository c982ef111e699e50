# SPDX-License-Identifier: GPL-2.0-only
"""Files that the shipped code writes, held against the CDDL, against a reader of
the seed's struct, and against what is known to be in them."""
import copy
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
import cbor2
from cddl import Cddl
from seed import seed_read, SeedError
from snapfile import TOP, Tap, content, load, make, ttlog

tap = Tap()
LEVELS = "emerg alert crit err warning notice info debug".split()

RICH = {
    "service": "ttlog",
    "hostname": "host.example",
    "pid": 4711,
    "created_at": "20261123101112",
    "reason": "request",
    "events": [
        {"timestamp": 1795427773500, "level": "info",
         "message": "broken \ufffd\ufffd text", "ns": 999, "cpu": 1, "pid": 200,
         "uid": 4294967294, "comm": "a\ufffdb", "service": "sshd",
         "fields": {"k\ufffd": "v", "raw": b"\x80\x81", "flag": None},
         "message_raw": b"broken \xff\xe2\x82 text"},
        {"timestamp": 1795427773623, "level": "emerg", "message": "first",
         "ns": 456789, "cpu": 0, "pid": 1, "cgroup": 1, "comm": "init"},
        {"timestamp": 1795427972500, "level": "debug", "message": "dup",
         "cpu": 1, "pid": 4194303, "tid": 4194302, "comm": "fifteen_bytes__",
         "service": "backup",
         "fields": {"a": ["1", 2, None], "b": "x", "big": 2 ** 64 - 1,
                    "low": -2 ** 63, "text": "007", "": "empty"}},
        {"timestamp": 1795427973500, "level": "err",
         "message": "line\n2026-11-23 fake\x1b[31m \x9b \u202e \\ \"q\"",
         "cpu": 1, "pid": 5, "comm": "evil", "demoted": True},
        {"timestamp": 1795428572500, "level": "warning", "message": "slow disk",
         "cpu": 0, "pid": 100, "tid": 101, "uid": 1000, "cgroup": 0xfff00000001,
         "comm": "worker", "service": "daemon", "async": True,
         "fields": {"dev": "sda", "ms": 900, "ratio": 0.5, "ok": True,
                    "neg": -7}},
    ],
    "boot_id": "01234567-89ab-4cde-8f01-23456789abcd",
    "recorder_id": "00112233445566778899aabbccddeeff",
    "kernel": {"release": "6.1.0-test", "version": "#1 SMP",
               "machine": "x86_64"},
    "clocks": {"mono": 900 * 10 ** 9, "boot": 1000 * 10 ** 9,
               "real": 1795428672500000000},
    "complete_since": {"timestamp": 1795427874500, "ns": 0,
                       "mono": 102 * 10 ** 9},
    "trigger": "request",
    "stands_for": 1,
    "versions": {"program": "0.1.0", "abi_major": 1, "abi_minor": 4,
                 "layout": 2, "format": 1},
    "filters": [
        {"levels": {level: level != "debug" for level in LEVELS},
         "sample": {level: i + 1 for i, level in enumerate(LEVELS)},
         "rate": {level: None for level in LEVELS}, "burst": {},
         "lost": {"filtered": 3, "sampled": 0, "limited": 0}},
        {"service": "sshd", "levels": {"err": True, "info": False},
         "sample": {"debug": 1000000000}, "rate": {"err": None, "info": 1000},
         "burst": {"info": 2000},
         "lost": {"filtered": 0, "sampled": 0, "limited": 2 ** 64 - 1}}],
}


def lost(**causes):
    names = ("filtered", "sampled", "limited", "too_large", "faulted", "held",
             "no_ring", "missed")
    return {name: causes.get(name, 0) for name in names}


LEDGER = {
    "rings": [
        {"cpu": 0, "channel": "keep", "offered": 14, "written": 9,
         "lost": lost(filtered=3, held=2), "demoted": 0, "read": 2,
         "overwritten": 6, "holes": 1, "from": 0, "to": 9,
         "oldest": 100 * 10 ** 9, "numbers": [7, 2]},
        {"cpu": 1, "channel": "flow", "offered": 8, "written": 3,
         "lost": lost(too_large=5), "demoted": 1, "read": 3, "overwritten": 0,
         "holes": 0, "from": 0, "to": 3, "oldest": 102 * 10 ** 9, "numbers": [0, 3]},
        {"cpu": 2, "channel": "keep", "offered": 8, "written": 0,
         "lost": lost(no_ring=8), "demoted": 0, "read": 0, "overwritten": 0,
         "holes": 0, "from": 0, "to": 0, "oldest": 0, "numbers": []},
    ],
    "totals": {"offered": 30, "written": 12,
               "lost": lost(filtered=3, held=2, too_large=5, no_ring=8),
               "demoted": 1, "read": 5, "overwritten": 6, "holes": 1},
}
RICH["ledger"] = LEDGER


def check_rich(path):
    snapshot = load(path)
    for key, value in RICH.items():
        tap.same(snapshot.get(key), value, f"rich: {key}")
    tap.same(list(snapshot), list(RICH), "rich: the order of the keys")
    for i, event in enumerate(snapshot["events"]):
        tap.same(list(event), list(RICH["events"][i]),
                 f"rich: the order of event {i}'s keys")
    # The definite lengths of RFC 8949's deterministic encoding are the shortest.
    tap.same(cbor2.dumps(snapshot), content(path), "rich: no other encoding")


def check_cddl(cddl, path, name):
    wrong = cddl.check("snapshot", load(path))
    tap.ok(wrong is None, f"{name}: as the CDDL has it ({wrong})")


def spoil(what, change, cddl, good):
    snapshot = copy.deepcopy(good)
    change(snapshot)
    wrong = cddl.check("snapshot", snapshot)
    tap.ok(wrong is not None, f"the CDDL refuses {what}: {wrong}")


def check_cddl_refuses(cddl, path):
    good = load(path)
    for what, change in (
            ("no pid", lambda s: s.pop("pid")),
            ("a pid of text", lambda s: s.update(pid="1")),
            ("a pid beyond 32 bits", lambda s: s.update(pid=2 ** 32)),
            ("a true pid", lambda s: s.update(pid=True)),
            ("a short stamp", lambda s: s.update(created_at="2026")),
            ("a reason with a slash", lambda s: s.update(reason="a/b")),
            ("a level of its own", lambda s: s["events"][0].update(level="warn")),
            ("a message of bytes", lambda s: s["events"][0].update(message=b"x")),
            ("an event without comm", lambda s: s["events"][0].pop("comm")),
            ("ns of a whole ms", lambda s: s["events"][0].update(ns=10 ** 6)),
            ("a false async", lambda s: s["events"][4].update({"async": False})),
            ("a false demoted", lambda s: s["events"][3].update(demoted=False)),
            ("an empty map of fields", lambda s: s["events"][0].update(fields={})),
            ("a field's value in a map",
             lambda s: s["events"][0]["fields"].update(a={"b": 1})),
            ("an array of one value",
             lambda s: s["events"][0]["fields"].update(a=[1])),
            ("a trigger of bytes", lambda s: s.update(trigger=b"oops")),
            ("a negative number of triggers",
             lambda s: s.update(stands_for=-1)),
            ("no number of triggers", lambda s: s.pop("stands_for")),
            ("no ledger", lambda s: s.pop("ledger")),
            ("numbers of text", lambda s: s["ledger"]["rings"][0].update(numbers=["7", 2])),
            ("a ring without read", lambda s: s["ledger"]["rings"][0].pop("read")),
            ("a loss of text",
             lambda s: s["ledger"]["totals"]["lost"].update(held="2")),
            ("a filter without levels", lambda s: s["filters"][0].pop("levels")),
            ("a filter of a level of its own",
             lambda s: s["filters"][0]["sample"].update(loud=1)),
            ("a level that is recorded by number",
             lambda s: s["filters"][0]["levels"].update(err=1)),
            ("a sample of null", lambda s: s["filters"][1]["sample"].update(err=None)),
            ("a burst of null", lambda s: s["filters"][1]["burst"].update(err=None)),
            ("a rate of text", lambda s: s["filters"][1]["rate"].update(err="none")),
            ("a filter's losses without limited",
             lambda s: s["filters"][1]["lost"].pop("limited")),
            ("filters in a map", lambda s: s.update(filters={})),
            ("a key that is no text", lambda s: s.update({5: 1})),
    ):
        spoil(what, change, cddl, good)
    later = copy.deepcopy(good)
    later["later"] = later["events"][0]["later"] = [1]
    tap.ok(cddl.check("snapshot", later) is None, "the CDDL takes later keys")


def check_seed(path, name, count):
    try:
        seed = seed_read(content(path))
        tap.same(len(seed["events"]), count, f"{name}: by the seed's struct")
    except SeedError as error:
        tap.ok(False, f"{name}: by the seed's struct: {error}")


def check_seed_refuses(path):
    good = load(path)
    for what, change in (
            ("another order", lambda s: s.update(service=s.pop("service"))),
            ("a pid of text", lambda s: s.update(pid="1")),
            ("an event's level as number",
             lambda s: s["events"][0].update(level=4)),
            ("no message", lambda s: s["events"][0].pop("message")),
    ):
        snapshot = copy.deepcopy(good)
        change(snapshot)
        try:
            seed_read(cbor2.dumps(snapshot))
            tap.ok(False, f"the seed's reader refuses {what}")
        except SeedError as error:
            tap.ok(True, f"the seed's reader refuses {what}: {error}")


def check_many(path):
    events = load(path)["events"]
    times = [e["timestamp"] * 10 ** 6 + e.get("ns", 0) for e in events]
    tap.ok(times == sorted(times), "many: times never decrease")
    tap.same([e["fields"]["n"] for e in events], list(range(5000)),
             "many: each event once, in order")
    with open(path, "rb") as file:
        head = file.read(6)
    # FLG: version 01, independent blocks, block checksums, content checksum.
    tap.same(head, b"\x04\x22\x4d\x18\x74\x40", "many: the frame's flags")


def check_other_frames(path, folder):
    """The same content, compressed by others: linked, larger or no checks."""
    want = ttlog("cat", path).stdout
    for flags in (["-BD", "-B7"], ["-B4", "-BD", "-9"], ["-B5"],
                  ["--no-frame-crc"], ["-BX"]):
        other = os.path.join(folder, "other.lz4")
        with open(other, "wb") as file:
            subprocess.run(["lz4", "-q", "-c", *flags], input=content(path),
                           stdout=file, check=True)
        got = ttlog("cat", other)
        tap.ok(got.returncode == 0 and got.stdout == want and not got.stderr,
               f"cat reads a frame made by lz4 {' '.join(flags)}")
    with open(path, "rb") as file:
        got = ttlog("cat", "-", stdin=file)
    tap.ok(got.returncode == 0 and got.stdout == want, "cat reads its input")


def main():
    with open(os.path.join(TOP, "user/ttlog-snapshot.cddl"),
              encoding="ascii") as file:
        cddl = Cddl(file.read())
    with tempfile.TemporaryDirectory() as folder:
        rich = make("rich", folder, "rich")
        many = make("many", folder, "many")
        empty = make("empty", folder, "empty")
        check_rich(rich)
        check_many(many)
        tap.same(load(empty)["complete_since"]["mono"], 900 * 10 ** 9,
                 "empty: nothing before now is complete")
        for path, name, count in ((rich, "rich", 5), (many, "many", 5000),
                                  (empty, "empty", 0)):
            check_cddl(cddl, path, name)
            check_seed(path, name, count)
        check_cddl_refuses(cddl, rich)
        check_seed_refuses(rich)
        check_other_frames(many, folder)
    tap.done()


main()
