# SPDX-License-Identifier: GPL-2.0-only
"""For checkers that are called as NAME.py PROGRAMS OUT...: TAP, and what is in OUT."""
import json
import os
import re
import subprocess
import sys

PROGRAMS, OUT = sys.argv[1], sys.argv[2]
results = []


def check(name, good, *why):
    results.append(bool(good))
    print(f"{'ok' if good else 'not ok'} {len(results)} {name}", flush=True)
    if not good:
        for text in why:
            print(f"# {str(text)[:4000]!r}")


def conclude():
    print(f"1..{len(results)}")
    sys.exit(not all(results))


def read(*path):
    """Nothing, where a guest didn't come so far."""
    try:
        with open(os.path.join(OUT, *path), encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def cat(*args):
    return subprocess.check_output([f"{PROGRAMS}/ttlog", "cat", *args], text=True)


def events_of(path):
    return [json.loads(line) for line in cat("--json", path).splitlines()]


def info_of(path):
    return cat("--info", path)


def value(info, key):
    return re.search(rf'^ *{key}: "?(.*?)"?$', info, re.M)[1]


def when(event):
    return event["timestamp"] * 1_000_000 + event.get("ns", 0)


def lines_of(dmesg):
    """The kernel's lines, without their times."""
    # One of several is indented from its second on.
    return [re.sub(r"^\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? |^ {15}", "", line)
            for line in dmesg.splitlines()]
