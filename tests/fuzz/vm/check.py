# SPDX-License-Identifier: GPL-2.0-only
"""What tests/fuzz/vm/guest left: check.py OUT. The ledger holds, and the snapshot has
just the events that it says."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../unit/lib"))
# pylint: disable=wrong-import-position
from snapfile import load

out = sys.argv[1]
wrong = []


def left(name):
    with open(os.path.join(out, name), encoding="utf-8") as file:
        return file.read()


def name(ring):
    return f"CPU {ring['cpu']}, {ring['channel']}"


snapshot = load(left("path").strip())
rings = snapshot["ledger"]["rings"]
for ring in rings:
    if ring["offered"] != ring["written"] + sum(ring["lost"].values()):
        wrong.append(f"{name(ring)}: offered isn't written and lost: {ring}")
    if ring["to"] - ring["from"] != ring["read"] + ring["overwritten"] + ring["holes"]:
        wrong.append(f"{name(ring)}: the interval isn't accounted for: {ring}")
    if ring["holes"]:
        wrong.append(f"{name(ring)}: holes, though nobody writes: {ring}")
if sum(ring["read"] for ring in rings) != len(snapshot["events"]):
    wrong.append("the events aren't as many as were read")
if not any(event["message"] == "end" for event in snapshot["events"]):
    wrong.append("the last event isn't there")

# The module's own counters, asked for just before.
written = {(ring["cpu"], ring["channel"]): ring["written"] for ring in rings}
for ring in json.loads(left("stat"))["rings"]:
    if ring["channel"] in ("keep", "flow") and \
            written.get((ring["cpu"], ring["channel"]), 0) != ring["written"]:
        wrong.append(f"{name(ring)}: written differs from what the module says: {ring}")

for line in wrong:
    print(line)
print(f"ledger of {len(rings)} rings, {len(snapshot['events'])} events:",
      "wrong" if wrong else "holds")
sys.exit(bool(wrong))
