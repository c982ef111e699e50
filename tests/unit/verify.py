# SPDX-License-Identifier: GPL-2.0-only
"""ttlog verify: whole files, and each way in which one can be wrong."""
import copy
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from snapfile import Tap, compress, content, load, make, store, ttlog

tap = Tap()
NAME = "ttlog-4711-20261123101112-request"


def verify(*args, status=0, printed, said="", what, **kwargs):
    """@said is a regular expression of all that is on standard error."""
    got = ttlog("verify", *args, **kwargs)
    out, error = got.stdout.decode(), got.stderr.decode()
    if not tap.ok(got.returncode == status and out == printed and
                  re.fullmatch(said, error), what):
        print(f"# {got.returncode}: {out!r} {error!r}")


def whole(folder):
    made = [make(kind, folder) for kind in ("rich", "many", "empty", "oops")]
    verify(folder, what="whole files",
           printed="".join(f"{path}: ok, {nr} events\n"
                           for path, nr in zip(made, (5, 5000, 0, 0))))
    with open(made[1], "rb") as file:
        verify("-", input=file.read(), printed="standard input: ok, 5000 events\n",
               what="standard input")
    other = os.path.join(folder, "other.name")
    os.link(made[0], other)
    verify(other, printed=f"{other}: ok, 5 events\n", what="a file of any name")
    os.unlink(other)
    return made


def in_frame(folder, many):
    """Bytes of the file."""
    path = os.path.join(folder, "damaged")
    with open(many, "rb") as file:
        data = file.read()

    def check(what, data, said, printed):
        with open(path, "wb") as file:
            file.write(data)
        verify(path, status=1, said=rf"(?s)ttlog: {path}: {said}.*", what=what,
               printed=f"{path}: damaged, {printed}\n")

    def flip(at):
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]

    check("the magic", flip(0), r"\d+ bytes from byte 0 on can't be read: the header is "
          "damaged", "5000 of 5000 events can be read")
    first = 7 + block_size(data, 7)
    check("the head's block", flip(20), rf"{first - 7} bytes from byte 7 on can't be "
          "read: damaged", "5000 events can be read")
    size = block_size(data, first)
    check("a block of events", flip(first + 100), rf"{size} bytes from byte {first} on "
          "can't be read: damaged\n.*events are missing", missing(data, first))
    check("the content's checksum", flip(len(data) - 1),
          f"8 bytes from byte {len(data) - 8} on can't be read: "
          "the content's checksum is wrong", "5000 of 5000 events can be read")
    check("cut off in the end mark", data[:-5],
          f"3 bytes from byte {len(data) - 8} on can't be read: cut off",
          "5000 of 5000 events can be read")
    for at, printed in (7, "0 events"), (first, "0 of 5000 events"), \
            (first + size, f"{events_of_block(data, first)} of 5000 events"), (len(data) - 8, "5000 of 5000 events"):
        check(f"cut off at byte {at}", data[:at],
              f"ends at byte {at}, where more should follow: cut off", f"{printed} can be read")
    check("bytes behind it", data + b"x",
          f"1 bytes from byte {len(data)} on can't be read: bytes after the end",
          "5000 of 5000 events can be read")
    check("nothing", b"", "no snapshot: the file is empty", "0 events can be read")
    os.unlink(path)


def block_size(data, at):
    """Bytes of a block, with its size and checksum."""
    return 4 + (int.from_bytes(data[at:at + 4], "little") & 0x7fffffff) + 4


def events_of_block(data, at):
    alone = data[:7] + data[at:at + block_size(data, at)] + bytes(4)
    inside = subprocess.run(["lz4", "-dc"], input=alone, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, check=False).stdout
    return inside.count(b"itimestamp")


def missing(data, at):
    """What can be read where this block can't be."""
    return f"{5000 - events_of_block(data, at)} of 5000 events can be read"


def numbers(events):
    return (f"the ledger of CPU 0, channel keep: its numbers aren't those of {events} events "
            "between from and to")


class Wrong:
    """Files that are like a good one, but for a change."""

    def __init__(self, folder, good, nr):
        self.path = os.path.join(folder, NAME + ".9.bin")
        self.good = load(good)
        self.nr = nr

    def check(self, what, change, *said, status=1):
        snapshot = copy.deepcopy(self.good)
        snapshot = change(snapshot) or snapshot
        store(self.path, snapshot)
        expected = "".join(rf"ttlog: {self.path}: at byte \d+ of the content: {text}\n"
                           for text in said)
        nr = len(snapshot["events"])
        verify(self.path, status=status, what=what, said=expected,
               printed=f"{self.path}: " +
               (f"inconsistent, {nr} of {nr} events can be read\n" if said else
                f"ok, {nr} events\n"))
        os.unlink(self.path)


def ring(snapshot, nr=0):
    return snapshot["ledger"]["rings"][nr]


def totals(snapshot):
    return snapshot["ledger"]["totals"]


def ledger(wrong):
    def offered(s):
        ring(s)["offered"] = totals(s)["offered"] = 1000
    wrong.check("offered", offered, r"the ledger of CPU 0, channel keep: offered is 1000, "
                "written and lost are 14",
                r"the ledger of all rings: offered is 1000, written and lost are 30",
                "the ledger's totals aren't the sum of its rings")
    wrong.check("offered of totals", lambda s: totals(s).update(offered=31),
                "the ledger of all rings: offered is 31, written and lost are 30",
                "the ledger's totals aren't the sum of its rings")

    def holes(s):
        ring(s)["holes"] += 1
        totals(s)["holes"] += 1
    wrong.check("holes", holes, "the ledger of CPU 0, channel keep: from 0 to 9 are not the "
                "10 events of read, overwritten and holes")
    wrong.check("from behind to", lambda s: ring(s).update({"from": 10}),
                "the ledger of CPU 0, channel keep: from 10 to 9 of 9 written makes no sense",
                numbers(2))

    def beyond(s):
        ring(s).update({"from": 1, "to": 10})
    wrong.check("to beyond written", beyond, "the ledger of CPU 0, channel keep: "
                "from 1 to 10 of 9 written makes no sense")
    for key in ("demoted", "holes"):
        wrong.check(f"{key} of totals", lambda s, k=key: totals(s).update({k: 99}),
                    "the ledger's totals aren't the sum of its rings")
    wrong.check("a loss of totals, and offered with it",
                lambda s: (totals(s)["lost"].update(held=12), totals(s).update(offered=40))
                and None, "the ledger's totals aren't the sum of its rings")

    def moved(s):
        ring(s).update(read=3, overwritten=5)
        totals(s).update(read=6, overwritten=5)
    wrong.check("more events by the ledger than there are", moved, numbers(3),
                "events in keep: 2, but 3 by the ledger")

    for what, given, *said in (
            ("numbers in two runs", [3, 1, 8, 1]), ("none", []), ("three", [6, 3], numbers(2)),
            ("one", [8, 1], numbers(2)), ("behind to", [8, 2], numbers(2)),
            ("one behind to", [7, 1, 9, 1], numbers(2)), ("backwards", [8, 1, 7, 1], numbers(2)),
            ("the same twice", [7, 1, 7, 1], numbers(2)),
            ("beyond 64 bits", [2 ** 64 - 1, 2], numbers(2)),
            ("before from", [0, 2], numbers(2))):
        def change(s, given=given, what=what):
            ring(s)["numbers"] = given
            if what == "before from":
                ring(s).update({"from": 1, "to": 9, "overwritten": 5})
                totals(s).update(overwritten=5)
        wrong.check(f"numbers: {what}", change, *said, status=1 if said else 0)

    def channel(s):
        ring(s)["channel"] = "klog"
    wrong.check("a ring's events that are of another kind", channel,
                "events in keep: 2, but 0 by the ledger",
                "events in klog: 0, but 2 by the ledger")

    def unmark(s):
        for event in s["events"]:
            event.pop("demoted", None)

    def other(s):
        unmark(s)
        s["events"][0]["demoted"] = True
    wrong.check("an event that isn't in the channel that it says", other,
                "events in keep: 3, but 2 by the ledger",
                "events in flow: 2, but 3 by the ledger")

    wrong.check("no marks, as in files of old: keep and flow are one", unmark, status=0)

    def old_more(s):
        unmark(s)
        moved(s)
    wrong.check("so they are where events are missing", old_more, numbers(3),
                "events in keep or flow: 5, but 6 by the ledger")

    def later(s):
        ring(s)["channel"] = "later"
        for event in s["events"]:
            if event["cpu"] == 0:
                event["kind"] = "another"
        ring(s)["lost"]["later"] = 7
        ring(s)["offered"] += 7
        totals(s)["offered"] += 7
        totals(s)["lost"]["later"] = 7
    wrong.check("kinds, channels and causes of a version to come", later, status=0)


def events(wrong):
    def swapped(s):
        s["events"][1], s["events"][2] = s["events"][2], s["events"][1]
    wrong.check("events that aren't in order", swapped,
                "event 3 is older than the one before it")

    def by_one(s):
        s["events"][1]["timestamp"] = s["events"][0]["timestamp"]
        s["events"][1]["ns"] = s["events"][0]["ns"] - 1
    wrong.check("by one nanosecond", by_one, "event 2 is older than the one before it")
    snapshot = copy.deepcopy(wrong.good)
    snapshot["events"][4]["level"] = "loud"
    store(wrong.path, snapshot)
    verify(wrong.path, status=1, what="a level that there isn't",
           printed=f"{wrong.path}: damaged, 4 of 5 events can be read\n",
           said=rf"ttlog: {wrong.path}: no snapshot, or not of this format: at byte \d+ of "
           rf"the content: there is no such level\nttlog: {wrong.path}: 1 of 5 events are "
           "missing\n")


def at_the_end(snapshot):
    events_ = snapshot.pop("events")
    return {**snapshot, "events": events_}


def head(wrong):
    keys = ("service", "hostname", "pid", "created_at", "reason", "boot_id",
            "recorder_id", "kernel", "clocks", "complete_since", "trigger", "stands_for",
            "versions", "ledger")
    for key in keys[5:]:
        wrong.check(f"no {key}", lambda s, k=key: s.pop(k) and None,
                    f"the key {key} is missing")
    wrong.check("no hostname", lambda s: s.pop("hostname") and None,
                "the key hostname should stand here", "the key pid should stand here",
                "the key created_at should stand here",
                "the events should stand behind the key reason",
                "the key reason should stand here", "the key hostname is missing")
    wrong.check("the first keys in another order",
                lambda s: {"hostname": s.pop("hostname"), **s},
                "the key service should stand here", "the key hostname should stand here")
    wrong.check("the events at the end", at_the_end,
                "the events should stand behind the key reason")
    wrong.check("another time than the clock's",
                lambda s: s["clocks"].update(real=s["clocks"]["real"] + 10 ** 9),
                "created_at isn't the time of the clock real, 20261123101113")
    wrong.check("an id that is no id", lambda s: s.update(recorder_id="x" * 32),
                "recorder_id isn't 32 hexadecimal digits")
    wrong.check("no trigger that it stands for", lambda s: s.update(stands_for=0),
                "stands_for is 0")
    wrong.check("a format to come", lambda s: s["versions"].update(format=2),
                "format 2 isn't known: this program knows 1")
    wrong.check("keys to come", lambda s: s.update(later={"a": [1]}), status=0)


def names(wrong):
    wrong.check("another pid than in the name", lambda s: s.update(pid=1),
                "the pid in the file's name isn't 1")
    wrong.check("another reason than in the name", lambda s: s.update(reason="oops"),
                "the reason in the file's name isn't that in the file")

    def stamp(s):
        s["created_at"] = "20261123101113"
        s["clocks"]["real"] += 10 ** 9
    wrong.check("another time than in the name", stamp,
                "the time in the file's name isn't created_at")
    wrong.path = os.path.join(os.path.dirname(wrong.path), "some name")
    wrong.check("a reason that is none", lambda s: s.update(reason="a/b"),
                "reason isn't 1 to 32 of the characters A-Z a-z 0-9 _ -")
    wrong.check("a time that is none", lambda s: s.update(created_at="2026"),
                "created_at isn't the time of the clock real, 20261123101112")


def several(folder, made):
    """One that is wrong among others; and a hostile name."""
    path = os.path.join(folder, "no\nsuch\x1b")
    with open(path, "wb") as file:
        file.write(compress(content(made[0])[:-1]))
    shown = os.path.join(folder, "no\\nsuch\\x1b")
    verify(made[0], path, made[1], status=1, what="a wrong one between two",
           printed=f"{made[0]}: ok, 5 events\n"
           f"{shown}: damaged, 5 of 5 events can be read\n{made[1]}: ok, 5000 events\n",
           said=f"ttlog: {re.escape(shown)}: no snapshot, or not of this format: at byte "
           r"\d+ of the content: it ends here, and is not complete\n")
    gone = os.path.join(folder, "gone")
    verify(gone, made[2], status=1, what="a missing one, and another",
           printed=f"{made[2]}: ok, 0 events\n",
           said=f"ttlog: {gone}: No such file or directory\n")
    got = ttlog("verify")
    tap.ok(got.returncode == 2 and b"Usage: ttlog verify" in got.stderr, "no file")


def main():
    with tempfile.TemporaryDirectory() as folder:
        made = whole(folder)
        in_frame(folder, made[1])
        wrong = Wrong(folder, made[0], 5)
        ledger(wrong)
        events(wrong)
        head(wrong)
        names(wrong)
        several(folder, made)
    tap.done()


main()
