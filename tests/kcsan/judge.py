#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
What KCSAN has reported in a guest: judge.py FOLDER, with the logs that
tests/kcsan/guest has left there. Prints TAP.

A report is the recorder's if its code, or the readers' and writers' that work on its
rings, is anywhere in a stack of it: the kernel's own functions may well be what it
races in. What an interrupt or an exception has come on top of isn't: that happens to be
there. All others are the kernel's own.
"""
import collections
import pathlib
import re
import sys

OURS = re.compile(r"\[(ttlog|ring_reader|ring_writer)\]")
# A poller looks at a word on its own stack (triggered, fs/select.c) that pollwake() writes
# under whoever wakes it, any driver.
POLLERS = re.compile(r": data-race in (poll_schedule_timeout\S* / pollwake|"
                     r"pollwake / poll_schedule_timeout\S*)$")
# The report's title, for each race of tests/kcsan/wrong.c that must be told.
WRONG = {
    "plain": "plain_count",
    "interrupt": "interrupt_",
    "barrier": "barrier_",
}


def reports(text):
    """The reports in a log, each a list of lines that begins with its title."""
    report = None
    for line in text.splitlines():
        line = re.sub(r"^\[ *\d+\.\d+\] ?(\[.*?\] ?)?", "", line)
        if line.startswith("BUG: KCSAN: "):
            report = []
        if report is not None:
            if line.startswith("====="):
                yield report
                report = None
            else:
                report.append(line)
    if report:
        yield report


def is_ours(report):
    """Whether our code is in a stack of it, above what was interrupted."""
    if POLLERS.search(report[0]):
        return False
    interrupted = False
    for line in report:
        if not line.strip():
            interrupted = False
        elif line.startswith(" asm_"):
            interrupted = True
        elif not interrupted and OURS.search(line):
            return True
    return False


def main(folder):
    folder = pathlib.Path(folder)
    results = []

    def logs(name):
        return (folder / name).read_text(encoding="utf-8", errors="replace")

    found = list(reports(logs("load.log")))
    ours = [r for r in found if is_ours(r)]
    others = collections.Counter(re.sub(r"^BUG: KCSAN: ", "", r[0])
                                 for r in found if r not in ours)
    print(f"# {len(found)} reports, {len(ours)} of them the recorder's")
    for title, times in others.most_common():
        print(f"# the kernel's own, {times} times: {title}")
    results.append((not ours, "no race is the recorder's", sum(ours, [])))
    bad = re.findall(r".*(?:WARNING:|Oops|race_reader:|BUG: (?!KCSAN)).*", logs("load.log"))
    results.append((not bad, "nothing else was complained of", bad))
    for kind, title in WRONG.items():
        text = logs(f"wrong-{kind}.log")
        seen = [r[0] for r in reports(text) if title in r[0]]
        results.append((seen, f"a race that is wrong on purpose is told: {kind}", [text]))
    seen = [r for r in reports(logs("right.log")) if "barrier_" in r[0]]
    results.append((not seen, "and none where nothing is wrong", sum(seen, [])))
    for good, what, why in results:
        print(f"{'ok' if good else 'not ok'} - {what}")
        if not good:
            for line in why:
                print("# " + line.replace("\n", "\n# "))


if __name__ == "__main__":
    main(*sys.argv[1:])
