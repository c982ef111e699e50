# SPDX-License-Identifier: GPL-2.0-only
"""What snapshot-guest left, held against what it must be: snapshot.py FOLDER"""
import glob
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../unit/lib"))
# pylint: disable=wrong-import-position
from cddl import Cddl
from seed import seed_read
from snapfile import TOP, Tap, content, load

tap = Tap()
out = sys.argv[1]


def left(name):
    with open(os.path.join(out, name), encoding="utf-8") as file:
        return file.read()


def ended(name, status, *said):
    """A command's exit status, and what its message must name."""
    tap.same(int(left(name + ".status")), status, f"{name}: exit status")
    message = left(name + ".stderr")
    for words in said:
        tap.ok(words in message, f"{name}: says '{words}': {message.strip()}")
    if status:
        tap.same(left(name + ".stdout"), "", f"{name}: nothing on stdout")


def check_endings():
    ended("not-loaded", 3, "/dev/ttlog", "isn't loaded")
    ended("request", 0)
    ended("named", 0)
    ended("file", 0)
    tap.same(left("file.stdout"), "/out/exact.bin\n", "-o FILE: its path")
    ended("twice", 1, "/out/exact.bin", "exists")
    ended("reason", 2, "no/slash", "A-Z a-z 0-9 _ -")
    ended("default", 0)
    tap.ok(re.fullmatch(r"/var/lib/ttlog/ttlog-\d+-\d{14}-request\.bin\n",
                        left("default.stdout")), "the default folder is made")
    tap.same(left("default.mode"), "640\n", "the file's mode")
    ended("missing", 5, "/tmp/missing/")
    ended("alice", 4, "/dev/ttlog", "permission")
    ended("full", 6, "/tmp/full", "No space left")
    tap.same(left("full.left"), "", "nothing is left on a full disk")
    ended("read-only", 5, "/tmp/full", "Read-only")
    ended("version", 7, "ABI 2.4", "ABI 1.4")
    ended("other-device", 7, "/dev/ttlog")


PID = int(left("pid"))
SHELL = {"pid": PID, "comm": "snapshot-guest"}

# All events in order; what they don't say must be as the CDDL's defaults.
EVENTS = [
    {**SHELL, "level": "warning", "message": "slow disk",
     "fields": {"dev": "sda", "ms": 900, "ratio": 0.5, "ok": True}},
    {**SHELL, "level": "info", "message": "broken \ufffd text",
     "message_raw": b"broken \xff text"},
    {**SHELL, "level": "emerg", "message": "\u00e9t\u00e9"},
    {"comm": "ttlog", "level": "debug", "message": "an event",
     "service": "billing", "fields": {"n": -7, "who": "me"}},
    {"comm": "ttlog", "level": "err", "message": "one"},
    {"comm": "ttlog", "level": "err", "message": "two"},
    {"comm": "sh", "level": "info", "message": "from alice", "uid": 1001},
]


def written(snapshot):
    """Without the lines of the kernel's log."""
    return [event for event in snapshot["events"]
            if event.get("kind", "log") != "klog"]


def check_events(snapshot):
    events = written(snapshot)
    tap.same(len(events), len(EVENTS), "every event, once")
    last = 0
    for event, expected in zip(events, EVENTS):
        time = event.pop("timestamp") * 10 ** 6 + event.pop("ns", 0)
        tap.ok(time >= last, "times don't decrease")
        last = time
        tap.ok(event.pop("cpu") in (0, 1), "a CPU that there is")
        tap.ok(event.pop("cgroup", 0) > 0, "a cgroup")
        if "pid" not in expected:
            tap.ok(event.pop("pid") > PID, "a later process")
        tap.same(event, expected, f"event '{expected['message']}'")
    real = snapshot["clocks"]["real"]
    tap.ok(real - 60 * 10 ** 9 < last < real, "times are of the last minute")


def check_ledger(snapshot, dumps):
    total = snapshot["ledger"]["totals"]
    lines = len(snapshot["events"]) - len(written(snapshot))
    expected = len(EVENTS) + lines
    tap.ok(lines > 100, f"{lines} lines of the kernel's log")
    tap.same((total["offered"], total["written"], total["read"],
              total["overwritten"], total["holes"], sum(total["lost"].values())),
             (expected, expected, expected, 0, 0, 0), "the ledger's totals")
    tap.same([(ring["cpu"], ring["channel"]) for ring in
              snapshot["ledger"]["rings"]],
             [(0, "keep"), (0, "flow"), (0, "probe"), (0, "klog"),
              (1, "keep"), (1, "flow"), (1, "probe")],
             "a ledger for each ring")
    keep = sum(ring["written"] for ring in snapshot["ledger"]["rings"]
               if ring["channel"] == "keep")
    tap.same(keep, 4, "warnings and worse are in keep")
    for dump in dumps:
        oldest = max(ring["oldest"] for ring in dump["ledger"]["rings"])
        tap.same(dump["complete_since"]["mono"], oldest, "complete_since")


def check_files():
    path = glob.glob(os.path.join(out, "ttlog-*-request.bin"))
    tap.same(len(path), 1, "one file of reason request")
    snapshot = load(path[0])
    with open(os.path.join(TOP, "user/ttlog-snapshot.cddl"),
              encoding="utf-8") as text:
        cddl = Cddl(text.read())
    wrong = cddl.check("snapshot", snapshot)
    tap.ok(wrong is None, f"the file is as the CDDL has it ({wrong})")
    seed = seed_read(content(path[0]))
    tap.same([(event["level"], event["message"]) for event, all_of_it in
              zip(seed["events"], snapshot["events"])
              if all_of_it.get("kind", "log") != "klog"],
             [(event["level"], event["message"]) for event in EVENTS],
             "a reader of the seed's struct decodes it")
    tap.same(len(seed["events"]), len(snapshot["events"]), "and all of them")
    tap.same((seed["service"], seed["hostname"], seed["reason"]),
             ("ttlog", "ttlog-vm", "request"), "the seed's head")
    tap.ok(os.path.basename(path[0]) ==
           f"ttlog-{seed['pid']}-{seed['created_at']}-request.bin",
           "the file's name")
    tap.same(left("request.stdout"), f"/out/{os.path.basename(path[0])}\n",
             "its path is printed")
    exact = load(os.path.join(out, "exact.bin"))
    check_ledger(snapshot, [snapshot, exact])
    tap.same([event["timestamp"] for event in exact["events"]],
             [event["timestamp"] for event in snapshot["events"]],
             "the same events have the same times in the next file")
    check_events(snapshot)


def check_programs():
    lines = left("text.stdout").splitlines()
    lines = [line for line in lines if " klog " not in line and
             not line.startswith(" ")]
    tap.same(len(lines), len(EVENTS), "cat: a line an event")
    tap.ok(lines[0].endswith("slow disk dev=sda ms=900 ratio=0.5 ok=true"),
           f"cat: message and fields: {lines[0]}")
    tap.ok(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z cpu[01] warning "
                    rf"snapshot-guest\[{PID}\] uid=0: ", lines[0]),
           "cat: the stamps")
    objects = [json.loads(line) for line in
               left("json.stdout").splitlines()]
    objects = [item for item in objects if item["kind"] != "klog"]
    tap.same([item["message"] for item in objects],
             [event["message"] for event in EVENTS], "cat --json: each event")
    tap.same(objects[0]["fields"],
             {"dev": "sda", "ms": 900, "ratio": 0.5, "ok": True},
             "cat --json: typed fields")
    tap.same(left("level.stdout").split()[0], "emerg,alert,crit,err",
             "level: the mask that was set")
    before = json.loads(left("stat.stdout"))["totals"]
    after = json.loads(left("filtered.stdout"))["totals"]
    tap.same(after["lost"]["filtered"] - before["lost"]["filtered"], 1,
             "what the mask leaves out is counted")
    tap.same(after["written"], before["written"], "and not written")


check_endings()
check_files()
check_programs()
tap.done()
