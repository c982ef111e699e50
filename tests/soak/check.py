# SPDX-License-Identifier: GPL-2.0-only
"""What tests/soak/guest left: check.py OUT. The files hold each event once, but for
what their ledgers declare; helper and module took no more at the end than early on."""
import collections
import glob
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../unit/lib"))
# pylint: disable=wrong-import-position
from snapfile import Tap, load

tap = Tap()
out = sys.argv[1]


def left(name):
    with open(os.path.join(out, name), encoding="utf-8") as file:
        return file.read()


chain = collections.defaultdict(list)
seen = collections.Counter()
triggers = collections.Counter()
for path in sorted(glob.glob(os.path.join(out, "files", "*.bin"))):
    snapshot = load(path)
    triggers[snapshot["trigger"]] += 1
    if snapshot["trigger"] not in ("timer", "exit"):
        continue
    for ring in snapshot["ledger"]["rings"]:
        chain[ring["cpu"], ring["channel"]].append(
            [ring[key] for key in
             ("from", "to", "read", "overwritten", "holes")])
    seen.update((event["service"], event["message"])
                for event in snapshot["events"]
                if event.get("kind", "log") == "log"
                and event.get("service", "")[:1] == "w")

tap.ok(triggers["timer"] > 10 and triggers["request"] > 1 and triggers["level"] > 0,
       f"files by trigger: {dict(triggers)}")
wrong, gone = [], 0
for at, parts in chain.items():
    end = 0
    for start, to, read, overwritten, holes in sorted(parts):
        if start != end or to - start != read + overwritten + holes:
            wrong.append((at, start, to, end))
        end = to
        if at[1] in ("keep", "flow"):
            gone += overwritten + holes
tap.same(wrong, [], f"in {len(chain)} rings each interval begins where the one "
         "before ends")
ends = {at: max(part[1] for part in parts) for at, parts in chain.items()}
stat = json.loads(left("stat"))
tap.same([(ring["cpu"], ring["channel"]) for ring in stat["rings"]
          if ring["channel"] != "klog" and
          ends.get((ring["cpu"], ring["channel"]), 0) != ring["written"]], [],
         "the last interval ends where the module's ledger does")

written = set()
for path in glob.glob(os.path.join(out, "total.*")):
    service = os.path.basename(path)[len("total."):]
    with open(path, encoding="ascii") as file:
        written |= {(service, str(i + 1)) for i in range(int(file.read()))}
tap.same(len(written) > 1000, True, f"{len(written)} events were written")
tap.same([event for event, times in seen.items() if times != 1], [],
         "no event is there twice")
tap.same(set(seen) - written, set(), "none that wasn't written")
tap.same(len(written - set(seen)) <= gone, True,
         f"{len(written - set(seen))} are missing, {gone} are declared lost")

samples = [line.split() for line in left("samples").splitlines()]
helper = {when: int(kib) for when, kib, _, _ in samples}
grown = {turn: helper[f"{turn}.end"] - helper[f"{turn}.half"]
         for turn in range(1, 7)}
tap.same([turn for turn, kib in grown.items() if kib > 1024], [],
         f"no helper grows in its life's second half (KiB: {grown})")
tap.same(len({vmalloc for _, _, vmalloc, _ in samples}), 1,
         f"the module's memory stays the same ({samples[0][2]} KiB)")
slab = [int(sample[3]) for sample in samples]
tap.ok(slab[-1] - slab[2] < 2048,
       f"the kernel's own grows by {slab[-1] - slab[2]} KiB")
tap.done()
