# SPDX-License-Identifier: GPL-2.0-only
"""The timer snapshots that continue-guest left: together they hold each event once,
but for what their ledgers declare lost."""
import collections
import glob
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../unit/lib"))
# pylint: disable=wrong-import-position
from snapfile import Tap, load

tap = Tap()
out = sys.argv[1]


def left(name):
    with open(os.path.join(out, name), encoding="utf-8") as file:
        return file.read()


def intervals(snapshots):
    """For each ring what each file has of it, in order."""
    rings = collections.defaultdict(list)
    for snapshot in snapshots:
        for ring in snapshot["ledger"]["rings"]:
            rings[ring["cpu"], ring["channel"]].append(ring)
    for parts in rings.values():
        parts.sort(key=lambda ring: (ring["from"], ring["to"]))
    return rings


def check_chain(name, rings):
    wrong = []
    for at, parts in rings.items():
        end = 0
        for ring in parts:
            if ring["from"] != end:
                wrong.append(f"{at}: from {ring['from']} after {end}")
            if ring["to"] - ring["from"] != ring["read"] + \
                    ring["overwritten"] + ring["holes"]:
                wrong.append(f"{at}: {ring}")
            end = ring["to"]
    tap.same(wrong, [], f"{name}: in each of {len(rings)} rings each interval "
             "begins where the one before ends")


def declared(rings, cause):
    return sum(ring[cause] for at, parts in rings.items() for ring in parts
               if at[1] in ("keep", "flow"))


def check(name, lossy):
    files = glob.glob(os.path.join(out, name, "*.bin"))
    snapshots = [load(path) for path in files]
    tap.ok(len(files) > 2, f"{name}: {len(files)} files")
    tap.same({snapshot["trigger"] for snapshot in snapshots} - {"timer", "exit"},
             set(), f"{name}: their triggers")
    tap.same([path for path, snapshot in zip(files, snapshots)
              if not any(ring["to"] > ring["from"]
                         for ring in snapshot["ledger"]["rings"])], [],
             f"{name}: none without news")
    rings = intervals(snapshots)
    check_chain(name, rings)
    seen = collections.Counter(
        (event.get("service", event["comm"]), event["message"])
        for snapshot in snapshots for event in snapshot["events"]
        if event.get("kind", "log") == "log")
    tap.same([event for event, times in seen.items() if times != 1], [],
             f"{name}: no event is there twice ({len(seen)} are there)")
    written = set()
    for path in glob.glob(os.path.join(out, name, "total.*")):
        service = os.path.basename(path)[len("total."):]
        with open(path, encoding="ascii") as file:
            written |= {(service, str(i + 1)) for i in range(int(file.read()))}
    tap.same(set(seen) - written, set(), f"{name}: none that wasn't written")
    overwritten = declared(rings, "overwritten")
    tap.same(len(written - set(seen)), overwritten + declared(rings, "holes"),
             f"{name}: of {len(written)} written only those lack that the "
             f"ledgers declare ({overwritten} overwritten)")
    tap.same(overwritten > 0, lossy, f"{name}: rings "
             f"{'too small' if lossy else 'large enough'}")


check("killed", False)
calls, status = map(int, left("calls").split())
tap.same(status, 0, f"not killed before any of {calls} calls: it ends well")
tap.ok(calls > 40, f"{calls} calls from wakeup to end")
check("load", False)
check("flood", True)
tap.ok(True, f"under load: {left('load.how').strip()}; "
       f"in a flood: {left('flood.how').strip()}")
tap.done()
