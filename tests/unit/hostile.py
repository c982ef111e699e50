# SPDX-License-Identifier: GPL-2.0-only
"""Files made to do harm: cat, ls and verify say what is wrong, exit with 1, stay small,
and never die. And what it prints can neither fake a line nor drive a terminal."""
import copy
import json
import os
import re
import resource
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
import cbor2
from snapfile import TTLOG, Tap, load, make, ttlog

tap = Tap()
SHIPPED = os.path.join(os.path.dirname(TTLOG), "../../../user/ttlog")
EVENT = {"timestamp": 1, "level": "info", "message": "m", "cpu": 0, "pid": 1,
         "comm": "c"}
GOOD = {"service": "s", "hostname": "h", "pid": 1, "created_at": "2" * 14,
        "reason": "r", "events": [EVENT]}


def lz4(data):
    return subprocess.run(["lz4", "-q", "-c", "-B4", "-BX"], input=data,
                          stdout=subprocess.PIPE, check=True).stdout


def cat(data, *options):
    """Run it on a file of this content, with little memory left if it asked for
    what the file claims."""
    return ttlog("cat", *options, "-", input=data, timeout=60)


READERS = (("cat",), ("cat", "--json"), ("cat", "--info"), ("ls",), ("verify",))


def refused(what, data, message):
    for options in READERS:
        got = ttlog(*options, "-", input=data, timeout=60)
        error = got.stderr.decode()
        if got.returncode != 1 or message not in error or "Sanitizer" in error:
            tap.ok(False, f"{what} {options}")
            print(f"# exit status {got.returncode}: {error!r}")
            return
    tap.ok(True, f"{what}: {error.splitlines()[0][:150]}")


def with_event(**changes):
    snapshot = copy.deepcopy(GOOD)
    event = snapshot["events"][0]
    event.update(changes)
    for key in [k for k, v in event.items() if v == "-"]:
        del event[key]
    return lz4(cbor2.dumps(snapshot))


def no_frames():
    refused("an empty file", b"", "the file is empty")
    refused("one byte", b"\x04", "no LZ4 frame")
    refused("text", b"hello\n" * 1000, "no LZ4 frame")
    refused("zeros", bytes(100000), "no ")
    refused("random bytes", os.urandom(200000), "no LZ4 frame")
    refused("gzip", b"\x1f\x8b\x08" + bytes(100), "no ")
    refused("CBOR that isn't compressed", cbor2.dumps(GOOD), "no LZ4 frame")
    refused("a skippable frame", b"\x50\x2a\x4d\x18\x04\0\0\0abcd", "no ")
    refused("an empty frame", lz4(b""), "not complete")
    # At each byte stands a plausible size.
    refused("sizes all over", b"\x00\x40" * 500000, "no LZ4 frame")


def no_snapshots():
    refused("no CBOR", lz4(b"\xff" * 100), "indefinite")
    refused("text in a frame", lz4(b"hello world " * 100), "the top is no map")
    refused("reserved CBOR", lz4(b"\x1c"), "no CBOR")
    refused("a number", lz4(b"\x05"), "the top is no map")
    refused("an empty map", lz4(b"\xa0"), "no events")
    refused("no events", lz4(cbor2.dumps({"service": "x"})), "no events")
    refused("keys that are numbers", lz4(cbor2.dumps({1: 2})), "no text")
    refused("half a map", lz4(cbor2.dumps(GOOD)[:-3]), "not complete")
    refused("two maps", lz4(cbor2.dumps(GOOD) + b"\xa0"), "follows")
    refused("events that are a map", lz4(cbor2.dumps({**GOOD, "events": {}})),
            "no array")
    refused("an event that is none",
            lz4(cbor2.dumps({**GOOD, "events": [5]})), "no map")
    refused("an empty event", lz4(cbor2.dumps({**GOOD, "events": [{}]})), "")


def wrong_events():
    refused("no level", with_event(level="-"), "no level")
    refused("no message", with_event(message="-"), "no message")
    refused("no timestamp", with_event(timestamp="-"), "its timestamp")
    refused("a level of its own", with_event(level="loud"), "level")
    refused("a level as digit", with_event(level="4"), "level")
    refused("a level that is a number", with_event(level=4), "a level is missing")
    refused("a field whose key is a number", with_event(fields={1: 2}),
            "a text is missing")
    refused("a message of bytes", with_event(message=b"m"), "text is missing")
    refused("a time out of range", with_event(timestamp=2 ** 64 - 1), "too large")
    refused("a negative time", with_event(timestamp=-1), "number is missing")
    refused("ns of a ms", with_event(ns=10 ** 6), "too large")
    refused("a pid beyond 32 bits", with_event(pid=2 ** 32), "too large")
    refused("async as number", with_event(**{"async": 1}), "truth")
    refused("demoted as text", with_event(demoted="true"), "truth")
    refused("fields as array", with_event(fields=[]), "no map")
    refused("a field in a map", with_event(fields={"a": {}}), "no plain")
    refused("a field in two arrays", with_event(fields={"a": [[1]]}), "no plain")
    refused("infinity", with_event(fields={"a": float("inf")}), "finite")
    refused("below 64 bits", with_event(fields={"a": -2 ** 64}), "too small")
    refused("raw as text", with_event(message_raw="x"), "bytes are missing")
    refused("a tag", with_event(later=cbor2.CBORTag(1, 5)), "tag")
    refused("undefined", with_event(later=cbor2.undefined), "undefined")
    raw = cbor2.dumps(GOOD).replace(b"\x61m\x63cpu", b"\x61\xff\x63cpu")
    refused("text that isn't UTF-8", lz4(raw), "UTF-8")


def head(major, count):
    return bytes([major << 5 | 27]) + struct.pack(">Q", count)


def sizes():
    start = cbor2.dumps(GOOD)
    start = start[:start.index(b"events") + 6]
    for count in (2 ** 16, 2 ** 32, 2 ** 64 - 1):
        refused(f"{count} events", lz4(start + head(4, count)), "not complete")
        refused(f"a map of {count}", lz4(head(5, count)), "not complete")
        refused(f"a text of {count}", lz4(b"\xa1" + head(3, count) + b"x"), "")
        refused(f"bytes of {count}",
                lz4(b"\xa1\x61x" + head(2, count) + b"x"), "")
    event = b"\x81\xa4\x69timestamp\x01\x65level\x64info\x67message\x61m"
    refused("2^60 fields", lz4(start + event + b"\x66fields" + head(5, 2 ** 60) +
                               b"\x61a\x01" * 10 ** 6), "too large")
    refused("2^60 values", lz4(start + event + b"\x66fields\xa1\x61a" +
                               head(4, 2 ** 60) + b"\xf6" * 10 ** 6), "too large")
    many = [0] * 40
    refused("a key of 3,000 bytes with 3,000 values",
            with_event(fields={"k" * 3000: [0] * 3000}), "an event is too large")
    refused("two keys of 1,000 bytes with 40 values each",
            with_event(fields={"k" * 1000: many, "l" * 1000: many}), "too large")
    got = cat(with_event(fields={"k" * 1000: many, "l": many}))
    tap.ok(got.returncode == 0 and got.stdout.count(b"k=0") == 40,
           "one key of 1,000 bytes with 40 values")
    refused("a message of 70,000 bytes", with_event(message="x" * 70000),
            "too large")
    refused("a text of 1,000,000, all of it", lz4(b"\xa1" + head(3, 10 ** 6) +
                                                 b"x" * 10 ** 6), "string is too long")
    refused("deep arrays", lz4(b"\xa1\x61x" + b"\x81" * 10 ** 6), "one another")
    refused("deep maps", lz4(b"\xa1\x61x" + b"\xa1\x61x" * 10 ** 6),
            "one another")
    refused("an indefinite map", lz4(b"\xbf\xff"), "indefinite")
    refused("an indefinite text", lz4(b"\xa1\x7f\x61a\xff\x01"), "indefinite")
    refused("events without end", lz4(start + b"\x9f\xff"), "indefinite")
    refused("a break", lz4(b"\xa1\x61x\xff"), "indefinite")


def wrong_info():
    """What is printed up to there stays JSON."""
    for what, value, message, printed in (
            ("a number below 64 bits", -2 ** 64, "a number is too small", "null"),
            ("infinity", float("inf"), "a number isn't finite", "null"),
            ("a key that is a number", {"b": 1, 5: 1}, "a key is no text", '{"b":1}')):
        got = cat(lz4(cbor2.dumps({"a": 1, "x": value, "events": []})), "--info", "--json")
        tap.same((got.returncode, message in got.stderr.decode(), got.stdout.decode()),
                 (1, True, '{"a":1,"x":' + printed + "}\n"), f"info: {what}")
        got = cat(lz4(cbor2.dumps({"a": 1, "x": value, "events": []})), "--info")
        tap.same((got.returncode, got.stdout.decode().split("\n")[0]), (1, "a: 1"),
                 f"info as text: {what}")
    got = cat(lz4(cbor2.dumps({"a": [-5, -300, -70000, -2 ** 33, 0.5, True, None, b"\1"],
                               "events": []})), "--info", "--json")
    tap.same(got.stdout.decode(),
             '{"a":[-5,-300,-70000,-8589934592,0.5,true,null,"01"]}\n',
             "info: values of each kind")


def after_gap(what, behind, message, damage=107):
    """A first block that is damaged; @behind begins the second. What is good there is
    printed."""
    frame = bytearray(lz4(os.urandom(65536) + behind))
    if damage:
        frame[damage] ^= 1
    else:
        frame[7:11] = bytes(4)
    got = cat(bytes(frame))
    said = got.stderr.decode()
    tap.ok(got.returncode == 1 and message in said and "Sanitizer" not in said and
           got.stdout.count(b": m\n") == (b"timestamp" in behind),
           f"after a gap: {what}: {said.splitlines()[-1]:.100}")


def gaps():
    event = cbor2.dumps(EVENT)
    lost = "how many events are missing isn't known"
    after_gap("an event", event, lost)
    after_gap("a ring's losses, then an event",
              cbor2.dumps({"cpu": 0, "x": {"y": [1]}, "z": 5}) + event, lost)
    after_gap("a block whose size became 0", event, lost, 0)
    nothing = "a block begins with nothing known"
    for what, unit in (("a number", b"\5"), ("an empty map", b"\xa0"),
                       ("a map with another key", b"\xa1\x61y\1")):
        after_gap(what, unit, nothing)
    for what, unit in (("no CBOR", b"\x1c"), ("a map with no CBOR", b"\xa1\x1c")):
        after_gap(what, unit, "this is no CBOR")
    after_gap("half of a ring's losses", b"\xa2\x63cpu\x1c", "this is no CBOR")
    after_gap("half of the next", b"\xa2\x63cpu\1\x1c", "this is no CBOR")


def memory():
    """100 MB of content: far more than may be held."""
    snapshot = cbor2.dumps(GOOD)
    at = snapshot.index(b"events") + 6
    event = cbor2.dumps({**EVENT, "message": "x" * 4000})
    many = 25000
    data = lz4(snapshot[:at] + b"\x99" + struct.pack(">H", many) + event * many)
    # Not with the sanitizers, whose shadow is large: the shipped program.
    with subprocess.Popen([SHIPPED, "cat", "-"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, preexec_fn=lambda:
                          resource.setrlimit(resource.RLIMIT_AS,
                                             (16 << 20, 16 << 20))) as process:
        out = process.communicate(data)[0]
    tap.ok(process.returncode == 0 and out.count(b"\n") == many,
           "100 MB of content in 16 MB of addresses")


def lenient():
    """What isn't known is of a later version, and of the seed's keys alone is a
    snapshot made."""
    got = cat(with_event(cpu="-", pid="-", comm="-", later={"a": [1, {}]}))
    tap.ok(got.returncode == 0 and not got.stderr and
           got.stdout == b"1970-01-01T00:00:00.001000000Z cpu0 info [0] uid=0: m\n",
           "an event of the seed's keys, and a later one")
    got = cat(with_event(kind="klog", comm="kernel", service="kernel",
                         level="err", fields={"seq": 12, "us": 4311169}))
    tap.ok(got.returncode == 0 and
           got.stdout == b"1970-01-01T00:00:00.001000000Z klog err kernel: m "
                         b"seq=12 us=4311169\n",
           "a line of the kernel's log")
    spoofed = cat(with_event(kind="klo", service="kernel", level="err"))
    tap.ok(b" klog " not in spoofed.stdout and b" cpu" in spoofed.stdout,
           "and no other kind looks like one")


ALLOWED = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z cpu\d+ ")
BAD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e"
                 "\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]")


def escapes():
    every = "".join(map(chr, range(0x180))) + "\u061c\u200b\u200e\u2028\u202e" \
        "\u2066\ufeff\ufffa\U000e0041 fine: \u20ac\U0001f4a9"
    data = with_event(message=every, comm=every[:100], service=every,
                      kind=every, fields={every: every, "b": every.encode()})
    got = cat(data)
    text = got.stdout.decode()
    tap.ok(got.returncode == 0 and text.count("\n") == 1 and
           ALLOWED.match(text) and not BAD.search(text),
           "text: one line, nothing that drives a terminal")
    tap.ok("\u20ac\U0001f4a9" in text, "text: other signs stay")
    got = cat(data, "--json")
    text = got.stdout.decode()
    tap.ok(got.returncode == 0 and text.count("\n") == 1 and
           not BAD.search(text), "JSON: one line, nothing that drives a terminal")
    event = json.loads(text)
    # A key of json-c's ends at a NUL: there it has a space.
    tap.ok(event["message"] == every and event["service"] == every and event["fields"]
           == {every.replace("\0", " "): every, "b": {"bytes": every.encode().hex()}},
           "JSON: just what was there")
    got = cat(lz4(cbor2.dumps({**GOOD, "hostname": every, every: 1})), "--info")
    tap.ok(not BAD.search(got.stdout.decode()), "info: likewise")
    spoofed = cat(with_event(message="x\n1970-01-01T00:00:00.000000000Z cpu0"))
    tap.same(spoofed.stdout.count(b"\n"), 1, "a message can't fake a line")
    spoofed = cat(with_event(comm="sshd[1] uid=0: ok", uid=5))
    tap.ok(b"] uid=5: " in spoofed.stdout and b"uid=0:" not in spoofed.stdout,
           "a name can't fake the rest of the line")


def numbers():
    fields = {"a": 0.1, "b": 1e300, "c": -0.0, "d": 2 ** 64 - 1, "e": -2 ** 63,
              "f": 1.0, "g": True, "h": None}
    got = cat(with_event(fields=fields), "--json")
    tap.same(json.loads(got.stdout)["fields"], fields, "JSON: numbers as they were")
    tap.ok(b'"f":1.0,' in got.stdout and b'"a":0.1,' in got.stdout,
           "JSON: as short as can be, and still floats")


def all_files(folder):
    """One bad file doesn't keep the others from being read."""
    good = make("rich", folder)
    bad = os.path.join(folder, "bad")
    with open(bad, "wb") as file:
        file.write(b"bad")
    got = ttlog("cat", "--repeats", good, bad, os.path.join(folder, "none"), good)
    tap.ok(got.returncode == 1 and got.stdout.count(b"\n") == 10 and
           bad.encode() in got.stderr and b"none: No such file" in got.stderr,
           "good files are read, bad ones named")
    lines = ttlog("cat", "--json", good).stdout.splitlines()
    events = load(good)["events"]
    tap.same([json.loads(line)["message"] for line in lines],
             [event["message"] for event in events], "JSON: each message")


def names(folder):
    """Whoever may make files in a folder chooses what they are called."""
    every = bytes(c for c in range(1, 256) if c != ord("/"))
    every += "\u061c\u200b\u2028\u202e\u2066\ufeff\u009b fine: \u20ac".encode()
    fake = b"x\nttlog: all is well\r\x1b[2J\x9b2J\xff"
    contents = {"no snapshot": b"bad", "not there": None,
                "damaged": lz4(cbor2.dumps(GOOD))[:-8] + b"more bytes"}
    for name in (every[:200], every[200:], fake):
        for what, content in contents.items():
            path = os.path.join(folder.encode(), name)
            if content:
                with open(path, "wb") as file:
                    file.write(content)
            text = ttlog("cat", path).stderr.decode(errors="replace")
            lines = text.splitlines()
            tap.ok(lines and not BAD.search("".join(lines)) and "\ufffd" not in text and
                   all(line.startswith(f"ttlog: {folder}/") for line in lines),
                   f"a file's name of anything, {what}: {lines[0][-60:]!a}")
            if content:
                os.unlink(path)
    lines = ttlog("cat", path).stderr.decode(errors="replace").splitlines()
    tap.ok("/x\\nttlog: all is well\\x0d\\x1b[2J\\x9b2J\\xff: No such" in lines[0],
           "and it is told which")


def forbidden(folder):
    """Also where the tests are root's, who may read all. Not with the sanitizers, who
    can't be traced."""
    good, bad = make("rich", folder), os.path.join(folder, "bad")
    none = os.path.join(folder, "none")
    for error in ("EACCES", "EPERM"):
        for files, status in (([good], 4), ([good, bad], 4), ([bad, good], 1),
                              ([none, good], 1), ([good, none], 1), ([bad], 1)):
            got = subprocess.run(
                ["strace", "-o", "/dev/null", "-P", good, "-e",
                 f"inject=openat:error={error}", SHIPPED, "cat", *files],
                capture_output=True, check=False)
            tap.same((got.returncode, got.stdout), (status, b""),
                     f"{error} of {[os.path.basename(f) for f in files]}: {status}")
    got = subprocess.run(
        ["strace", "-o", "/dev/null", "-P", good, "-e", "inject=openat:error=EACCES",
         SHIPPED, "cat", "--info", good], capture_output=True, check=False)
    tap.same((got.returncode, got.stdout), (4, b""), "--info of what may not be read")


def full_output(folder):
    good = make("many", folder)
    with open("/dev/full", "wb") as full:
        got = subprocess.run([TTLOG, "cat", good], stdout=full, check=False,
                             stderr=subprocess.PIPE)
    tap.same((got.returncode, got.stderr),
             (1, b"ttlog: standard output: No space left on device\n"),
             "output that can't be written is an error, said once")


def main():
    no_frames()
    no_snapshots()
    wrong_events()
    wrong_info()
    gaps()
    sizes()
    memory()
    lenient()
    escapes()
    numbers()
    with tempfile.TemporaryDirectory() as folder:
        all_files(folder)
        names(folder)
        forbidden(folder)
        full_output(folder)
    tap.done()


main()
