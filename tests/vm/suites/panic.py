# SPDX-License-Identifier: GPL-2.0-only
"""What a panic printed of the newest events: panic.py OUT WAY... Prints TAP."""
import os
import re
import sys

# A line, without what the kernel puts in front of all its lines.
STAMP = re.compile(r"^(?:<\d+>)?\[ *\d+\.\d+\] ")
EVENT = re.compile(r"^ttlog: (\d+\.\d{6}) cpu(\d+) (\S+) (probe )?(\S+)\[(\d+)\] uid=(\d+): (.*)$")

# The events of panic-guest, the newest last: level, probe, name, uid, text.
EVENTS = [("info", False, "panic-guest", 0, f"event {i}") for i in range(40)] + [
    ("err", False, "billing", 0, "payment refused order=1042 by=alice"),
    ("crit", False, "dd", 1001,
     r"evil \x1b[2J\x5cx1b \xc2\x9b\x0attlog: 1.000000 cpu0 emerg init[1] uid=0: forged"
     r" ke\x0dy=va\x09lue = = x"),
    ("notice", True, "panic-guest", 0, "panic_probed arg1=4711"),
    ("warning", False, "dd", 1001, "0" * 2000),
    ("debug", False, "panic-guest", 0, "last"),
]
REASONS = {
    "task": "panic_test: on purpose",
    "irq": "Fatal exception in interrupt",
    "nmi": "panic_test: on purpose, in_nmi 1",
    "lock": "panic_test: on purpose, under the consoles' lock",
    "oops": "Fatal exception",
}

results = []


def check(name, good, *why):
    results.append(good)
    print(f"{'ok' if good else 'not ok'} {len(results)} {name}")
    if not good:
        for text in why:
            print(f"# {text!r}")


def lines_of(path):
    try:
        with open(path, "rb") as file:
            text = file.read().decode("latin-1")
    except FileNotFoundError:
        return []
    return [STAMP.sub("", line) for line in text.replace("\r", "").split("\n")]


def matches(event, wanted):
    level, probe, name, uid, text = wanted
    if event[2:5] != (level, "probe " if probe else None, name) or int(event[6]) != uid:
        return False
    if len(text) < 500:
        return event[7] == text
    # It has been cut, and says so.
    return (event[7].endswith("...") and text.startswith(event[7][:-3]) and
            700 < len(event[7]) < 800)


def check_events(way, lines, wanted):
    begin = [i for i, line in enumerate(lines) if line.startswith("ttlog: the last ")]
    end = [i for i, line in enumerate(lines) if line == "ttlog: end of the last events"]
    if not wanted:
        check(f"{way}: nothing is printed", not begin and not end, begin, end)
        return
    check(f"{way}: they are printed once", len(begin) == 1 and len(end) == 1, begin, end)
    if len(begin) != 1 or len(end) != 1:
        return
    check(f"{way}: how many", lines[begin[0]] == f"ttlog: the last {len(wanted)} events:",
          lines[begin[0]])
    found = [EVENT.match(line) for line in lines[begin[0] + 1:end[0]]]
    good = (all(found) and len(found) == len(wanted) and
            all(matches(event.groups(), w) for event, w in zip(found, wanted)))
    check(f"{way}: each, in order", good, lines[begin[0]:end[0] + 1])
    times = [float(event[1]) for event in found if event]
    check(f"{way}: by time", times == sorted(times) and times and times[0] > 0, times)
    panic = [i for i, line in enumerate(lines) if "Kernel panic - not syncing" in line]
    check(f"{way}: behind what the panic says",
          bool(panic) and panic[0] < begin[0] and REASONS.get(way, "on purpose") in lines[panic[0]],
          panic, lines[-40:])


def check_locks(way, lines):
    takes = [lines[i + 1] for i, line in enumerate(lines)
             if re.search(r"^\S+/\d+ \[HC.* takes:$", line)]
    check(f"{way}: no lock but the consoles' is taken in the wrong way",
          all("((console_sem).lock)" in line for line in takes), takes)


def main():
    out, ways = sys.argv[1], sys.argv[2:]
    for way in ways:
        folder = os.path.join(out, way)
        with open(os.path.join(folder, "status"), encoding="ascii") as file:
            status = int(file.read())
        # One that boots again ends by itself.
        check(f"{way}: it ended as it should", status == (0 if way == "pstore" else 125), status)
        wanted = {"none": [], "few": EVENTS[-3:]}.get(way, EVENTS[-32:])
        path = os.path.join(folder, "pstore" if way == "pstore" else "console")
        check(f"{way}: it panicked",
              any("Kernel panic - not syncing" in line for line in lines_of(path)), path)
        check_events(way, lines_of(path), wanted)
        if way == "nmi":
            check_locks(way, lines_of(path))
    print(f"1..{len(results)}")


main()
