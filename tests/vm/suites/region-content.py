# SPDX-License-Identifier: GPL-2.0-only
"""What became of reserved memory with anything in it: region-content.py PROGRAMS OUT
[NAME...]. Prints TAP."""
import os
import re
import sys

import report
from report import OUT, cat, events_of, info_of, read, value

NAMES = sys.argv[3:]
ORDINARY = "rings are in ordinary memory"
LEFT = ["the first half of the region has what an earlier boot left, for a helper to save",
        "rings are in the second half of the region, at 0x1a200000"]
FIRST = ["rings are in the first half of the region, at 0x1a000000"]
BOTH = [LEFT[0], LEFT[0].replace("first", "second"),
        "both halves of the region have what earlier boots left and nobody has saved: " +
        ORDINARY + " until the module is loaded again"]
RAMOOPS = ("the region has what ramoops writes: expected memory that nobody else uses (where "
           "ramoops was given up, switch the machine off and on): " + ORDINARY)
EVENTS = [f"event {i}" for i in range(100)] + ["payment refused"]


def check(name, good, *why):
    if not NAMES or name.split(":")[0] in NAMES:
        report.check(name, good, *why)


def files_of(name):
    folder = os.path.join(OUT, name, "files")
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return [os.path.join(folder, file) for file in sorted(names) if file.endswith(".bin")]


def module_said(name):
    return [line[len("ttlog: "):] for line in read(name, "module").splitlines()
            if line.startswith("ttlog: ") and "taint" not in line]


def helper_said(name):
    return [line for line in read(name, "helper").splitlines() if " is written, " not in line]


def check_works(name):
    path = os.path.join(OUT, name, "own.bin")
    own = cat(path).splitlines() if os.path.exists(path) else []
    check(f"{name}: it works", sum(line.endswith("it works") for line in own) == 1, own[-5:])


def check_said(name, wanted, helper=()):
    check(f"{name}: what the module says", module_said(name) == wanted, module_said(name), wanted)
    check(f"{name}: what the helper says", helper_said(name) == list(helper), helper_said(name))
    check_works(name)


def check_saved(name, reason="panic", module=None, helper=(), named=True, gone=True):
    """A file that has all, and nothing left behind."""
    if NAMES and name not in NAMES:
        return
    check_said(name, LEFT if module is None else module, helper)
    files = files_of(name)
    check(f"{name}: one file", len(files) == 1 and read(name, "status") == "0\n", files)
    if len(files) != 1:
        return
    events, info = events_of(files[0]), info_of(files[0])
    logs = [e for e in events if e["kind"] == "log"]
    check(f"{name}: each event, once, in order", [e["message"] for e in logs] == EVENTS,
          [e["message"] for e in logs])
    check(f"{name}: what names stand for", not named or
          (logs[-1].get("service") == "billing" and
           [e["message"] for e in events if e["kind"] == "probe"] == ["panic_probed"]), logs[-1])
    check(f"{name}: what the kernel said last", any(
        e["message"].startswith("Kernel panic - not syncing: sysrq triggered crash")
        for e in events if e["kind"] == "klog"), [e["message"] for e in events][-5:])
    check(f"{name}: trigger and reason", (value(info, "trigger"), value(info, "reason")) ==
          (reason, reason), info)
    check(f"{name}: host and kernel", not named or value(info, "hostname") == "ttlog-vm", info)
    check(f"{name}: the memory is given back", (read(name, "after") == "0\n") == gone,
          read(name, "after"))


def check_none(name, wanted, helper=(), status="0\n"):
    check_said(name, wanted, helper)
    check(f"{name}: no file", not files_of(name) and read(name, "status") == status,
          files_of(name), read(name, "status"))


def check_part(name, helper):
    """Some is damaged: the others are there."""
    check(f"{name}: what the module says", module_said(name) == LEFT, module_said(name))
    check(f"{name}: what the helper says", all(re.fullmatch(pattern, line) for pattern, line in
                                               zip(helper, helper_said(name))) and
          len(helper) >= len(helper_said(name)), helper_said(name))
    check_works(name)
    files = files_of(name)
    check(f"{name}: one file", len(files) == 1, files)
    return events_of(files[0]) if files else []


def main():
    damaged = ("ttlogd: what an earlier boot left is damaged: maps or rings that make "
               "no sense: 1")
    check_saved("whole")
    check_none("never", FIRST)
    check_none("noise", FIRST)
    check_saved("magic", "reset", named=False)
    check_saved("layout", "reset", helper=[damaged], named=False)
    check_saved("key")
    check_saved("boot-id")
    check_saved("size", "reset", helper=[damaged], named=False)
    check_saved("room")
    # Of a module that is older, of the same layout.
    check_saved("older")
    check_saved("state", "reset")
    check_none("over", FIRST)
    # One that says so of both: it doesn't count for the half that isn't its own.
    check_none("over-both", BOTH)
    check("over-both: the memory is given back", read("over-both", "after") == "0\n",
          read("over-both", "after"))
    events = check_part("ring", [r"ttlogd: .*damaged.*"])
    check("ring: all of the others", [e["message"] for e in events if e["kind"] == "log"] ==
          EVENTS[1:100:2] or [e["message"] for e in events if e["kind"] == "log"] ==
          EVENTS[1:100:2] + EVENTS[100:], [e["message"] for e in events if e["kind"] == "log"])
    check_none("newer", LEFT, ["ttlogd: what an earlier boot left has layout 3, this program "
                               "(0.1.0) reads layout 2: it stays where it is"])
    check("newer: it stays", int(read("newer", "after") or 0) > 10000, read("newer", "after"))
    events = check_part("data", [r"ttlogd: .*damaged.*", r"ttlogd: .*damaged.*"])
    texts = [e["message"] for e in events if e["kind"] == "log"]
    check("data: most events, and none twice or out of order", len(texts) > 50 and
          [text for text in EVENTS if text in texts] == texts, texts)
    check_saved("smaller", module=BOTH)
    check_saved("larger", module=[LEFT[0], LEFT[1].replace("1a200000", "1a400000")])
    check("refused: what the module says", module_said("refused")[-1:] == [
        "level=foo: expected 0 to 7 or emerg, alert, crit, err, warning, notice, info, debug"],
        module_said("refused"))
    check("refused: nothing is lost", int(read("refused", "after") or 0) > 10000,
          read("refused", "after"))
    check_none("ramoops", [RAMOOPS])
    check_saved("ramoops-whole", module=[LEFT[0], RAMOOPS], gone=False)
    check_none("kernels", [
        "region_start=0x10000000, region_size=0x400000: the kernel itself uses memory there "
        "(see memmap=, and /proc/iomem): " + ORDINARY])
    check_none("tiny", FIRST)
    said = module_said("too-much")
    check("too-much: what the module says", said[:1] == FIRST and said[2:] == [ORDINARY] and
          re.fullmatch(r"a half of the region has room for \d+ bytes of rings, expected at "
                       r"least \d+", said[1]), said)
    check_works("too-much")
    check_none("no-name", [
        "region_name=nobody: the kernel has reserved no memory of that name "
        "(reserve_mem=SIZE:ALIGN:nobody, from 6.12 on): " + ORDINARY])
    # The small kernels that check themselves can't at all.
    if "Function not implemented" not in read("hibernate", "said"):
        check_hibernate()
    check_works("hibernate")
    if os.path.isdir(os.path.join(OUT, "driver")):
        check_driver()
    report.conclude()


def check_hibernate():
    check("hibernate: refused", "Device or resource busy" in read("hibernate", "said") and
          any(line.startswith("the machine can't hibernate while rings are in memory that isn't "
                              "the kernel's") for line in module_said("hibernate")),
          read("hibernate", "said"), module_said("hibernate"))


def check_driver():
    said = module_said("driver")
    check("driver: what the module says", said == [RAMOOPS] or
          (len(said) == 1 and "another driver uses memory there" in said[0]), said)
    check_works("driver")


main()
