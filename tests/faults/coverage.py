#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Were the lines of the module run that deal with a failure? coverage.py TREE REASONS
OUT GCDA-FOLDER...

Each that wasn't has an entry of its own in REASONS, and no other has one: as for
tests/coverage/report.py, which says what the folders are. A line of two outcomes was run
when each of them came. Prints TAP."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../coverage"))
import report  # noqa: E402

# To leave because something was refused, or to say so. Wrong arguments, which have
# errors of their own, are for tests/kmod; what stands behind a label is always one.
FAILURE = re.compile(r"""
      \bgoto\ \w+;
    | ^\t\t+return\ ret\b
    | -E(NOMEM|FAULT)\b
    | \b(PTR_ERR|ERR_CAST)\(
    | \bpr_(warn|notice)\(
""", re.X)
LABEL = re.compile(r"^[a-z_]+:$")


def unwinding(text):
    """Numbers of the lines that deal with a failure."""
    behind_label = False
    for number, line in enumerate(text[1:], 1):
        if line == "}":
            behind_label = False
        if LABEL.match(line):
            behind_label = True
        elif behind_label or FAILURE.search(line):
            yield number


def all_ways(source, number):
    """Was each way taken that leads on from here?"""
    return all(count for kind in source.branches[number].values() for count in kind)


def was_run(source, number, text):
    """None: it isn't code."""
    if number in source.lines:
        several = re.search(r" \?:? ", text[number]) and number in source.branches
        return bool(source.lines[number]) and (not several or all_ways(source, number))
    if not re.search(r"^\t\t+(return|goto)\b", text[number]):
        return None
    # A constant alone is no code: what counts is the condition in front.
    while not text[number].startswith("\t}") and number not in source.branches:
        number -= 1
    return number in source.branches and all_ways(source, number)


def look(tree, sources, reasons):
    """Lines that were run, that weren't and have a reason, that have none; reasons
    that are for no line."""
    run, excused, missing, left = 0, 0, [], list(reasons)
    for name, source in sorted(sources.items()):
        text = report.text_of(tree, name)
        for number in unwinding(text):
            line = text[number].strip()
            was = was_run(source, number, text)
            if was is None:
                continue
            function = max((n, f) for n, f in source.function.items() if n <= number)[1]
            entry = next((e for e in left if e[:3] == (name, function, line)), None)
            if was:
                run += 1
            elif entry:
                excused += 1
                left.remove(entry)
            else:
                missing.append(f"{name}:{function}: {line} # line {number}")
    return run, excused, missing, left


def main():
    tree, reasons, out = sys.argv[1:4]
    for folder in sys.argv[4:]:
        report.stage(folder, out)
    sources = {name: source for name, source in report.collect(tree, [out]).items()
               if name.startswith("kmod/") and name.endswith(".c")}
    files = {f"kmod/{name}" for name in os.listdir(os.path.join(tree, "kmod"))
             if name.endswith(".c")}
    run, excused, missing, stale = look(tree, sources, report.read_reasons(reasons))
    print(f"# lines that deal with a failure: {run} run, {excused} not run for a reason, "
          f"{len(missing)} for none")
    for what, why in (
            ("each source was counted", sorted(files - set(sources))),
            ("each line that deals with a failure was run, or says why not", missing),
            ("none says so that was run, or isn't there", [": ".join(e) for e in stale])):
        print(f"{'not ok' if why else 'ok'} - {what}")
        for line in why:
            print(f"# {line}")


main()
