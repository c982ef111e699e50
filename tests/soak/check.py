# SPDX-License-Identifier: GPL-2.0-only
"""What tests/soak/guest left, held against what was written, called and printed, round
by round: check.py FOLDER... -- STATUS...

It knows of the recorder only what its documents say. Each round has a module of its
own, whose timer and exit files together are all that it recorded; what isn't in them
must be declared as lost, to the event. And each thing that is to go on in a soak must
have been done, as often as DEMANDED says."""
import collections
import glob
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../unit/lib"))
# pylint: disable=wrong-import-position
from snapfile import Tap, load

WRITERS = 5
LEVELS = "emerg alert crit err warning notice info debug".split()
CONTEXTS = ("task", "softirq", "hardirq", "nmi")
LETTERS = "abcdefghijklmnopqrstuvwxyz" * 10
USERS = ("keep", "flow")
BEAT = "probe_target_beat"
EVERY = 50			# calls from one line that is printed to the next

# What a line of did.NAME is of, as tests/soak/guest leaves them.
DID = {
    "dropped": "readers killed while they had the rings mapped",
    "filter": "filters set",
    "hog": "processes killed for memory",
    "hold": "holds that no helper came for",
    "level": "levels flipped",
    "load": "loads",
    "map": "maps made and dropped by readers",
    "offline": "CPUs that went and came",
    "probe": "probes that came and went",
    "region": "loads with the rings in reserved memory",
    "request": "snapshots requested",
    "sleep": "suspends to idle",
    "unload": "unloads",
}

# What stands for the trigger in the name of a file that is made by the helper that the
# module starts, of which the guest leaves the name alone.
REASONS = {"soak": "request", "unlink": "probe", "hot": "probe"}

# What there must be in a guest, in all its rounds together. How much of it there is
# depends on the machine.
DEMANDED = [
    *(f"events written on CPU {cpu}" for cpu in range(4)),
    *(f"events of writer {writer}, in task context" for writer in range(WRITERS)),
    *(f"hits recorded in {context} context" for context in CONTEXTS),
    *(f"lines recorded that were printed in {context} context" for context in CONTEXTS),
    "hits of probes that came and went",
    "events left out by a level",
    "events left out by a sample",
    "events and hits lost to a hold",
    "helpers killed",
    *(f"files by {trigger}" for trigger in ("timer", "exit", "level", "request")),
    *(what for name, what in DID.items() if name != "sleep"),
]
# And in one of the modes alone.
ALONE = {
    "at-once": ["files by probe"],
    "in-turn": ["suspends to idle", f"probes on {BEAT} that came and went",
                "probes on getppid that came and went"],
}

# A file by timer is asked for each second, and a line is printed three times a second, as
# near as the load allows: of so many lines there is one file at least. With two guests on
# two busy processors there was one in 7 and one in 11.
LINES = 30

tap = Tap()


def level_of(number):
    """Of an event of a writer: see writer.c."""
    if number % 64 == 0:
        return "err"
    if number % 8 == 0:
        return "warning"
    return "info" if number % 3 else "debug"


def is_whole(event, writer, number):
    """Is this the event of that number, to the last byte?"""
    begin = (writer + number) % 26
    return (event["message"] ==
            f"{writer} {number} {LETTERS[begin:begin + number * 7 % 200]}" and
            event["service"] == f"w{writer}" and event["fields"] == {"n": number} and
            event["level"] == level_of(number) and event["comm"] == "writer" and
            event.get("uid", 0) == (1001 if writer == 4 else 0))


class Round:
    """A module's life."""

    def __init__(self, folder):
        self.folder = folder
        self.wrong = []
        self.counts = collections.Counter()	# of what is demanded
        self.seen = collections.Counter()	# (writer, number)
        self.hits = collections.Counter()	# (cpu, context, number)
        self.lines = {}				# kernel's: number to (level, text)
        self.chain = collections.defaultdict(list)
        self.other_hits = self.hits_missed = 0
        for path in sorted(glob.glob(self.path("files/*.bin"))):
            self.take_file(path)

    def path(self, name):
        return os.path.join(self.folder, name)

    def text(self, name):
        with open(self.path(name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def same(self, got, expected, what):
        """Nothing is said of what is right: it is right some hundred times."""
        if got != expected:
            self.wrong.append(f"{what}: {got!r}, expected {expected!r}")

    # ---- files

    def take_file(self, path):
        snapshot = load(path)
        name = os.path.basename(path)
        self.counts["files by " + snapshot["trigger"]] += 1
        rings = snapshot["ledger"]["rings"]
        self.same([ring for ring in rings if ring["to"] - ring["from"] !=
                   ring["read"] + ring["overwritten"] + ring["holes"]], [],
                  f"{name}: rings whose interval isn't accounted for")
        self.same([ring for ring in rings if ring["offered"] !=
                   ring["written"] + sum(ring["lost"].values())], [],
                  f"{name}: rings whose ledger doesn't add up")
        self.same(len(snapshot["events"]), sum(ring["read"] for ring in rings),
                  f"{name}: events")
        times = [(e["timestamp"], e.get("ns", 0)) for e in snapshot["events"]]
        self.same(times == sorted(times), True, f"{name}: in order")
        saved = snapshot["trigger"] in ("timer", "exit")
        if saved:
            for ring in rings:
                self.chain[ring["cpu"], ring["channel"]].append(ring)
        # What others saw is to be whole as well, and once in each file.
        once = collections.Counter()
        for event in snapshot["events"]:
            self.take_event(event, name, once, saved)
        self.same([at for at, times in once.items() if times > 1], [],
                  f"{name}: twice in it")

    def take_event(self, event, name, once, saved):
        kind = event.get("kind", "log")
        if kind == "klog":
            self.take_line(event, once, saved)
        elif kind == "probe":
            self.take_hit(event, once, saved)
        else:
            at = re.match(r"([0-4]) (\d+) ", event["message"])
            if not at:
                self.wrong.append(f"{name}: nobody's: {event}")
                return
            writer, number = (int(x) for x in at.groups())
            self.same(is_whole(event, writer, number), True, f"{name}: {event}")
            once[writer, number] += 1
            if saved:
                self.seen[writer, number] += 1

    def take_hit(self, event, once, saved):
        fields = event.get("fields", {})
        if event["message"] != BEAT or len(fields) != 3:
            self.other_hits += saved
            return
        hit = fields["arg1"], fields["arg2"], fields["arg3"]
        self.same((event["cpu"], event["level"]), (hit[0], "notice"), f"hit {hit}")
        once["hit", hit] += 1
        if saved:
            self.hits[hit] += 1

    def take_line(self, event, once, saved):
        number = event["fields"]["seq"]
        once["line", number] += 1
        if saved:
            self.same(number in self.lines, False, f"line {number} is there already")
            self.lines[number] = event["level"], event["message"]

    # ---- what they are held against

    def lost(self, channels, *causes):
        """By the ledgers of the module, or, in files, gone before they were read."""
        total = 0
        for ring in self.stat["rings"]:
            if ring["channel"] in channels:
                total += sum(ring["lost"][cause] for cause in causes
                             if cause in ring["lost"])
        for at, rings in self.chain.items():
            if at[1] in channels:
                total += sum(ring[cause] for ring in rings for cause in causes
                             if cause in ring)
        return total

    def check_chain(self):
        """Each interval begins where the one before ends, the first at the load, the
        last at what the module has written."""
        ends = {}
        for at, rings in self.chain.items():
            end = 0
            for ring in sorted(rings, key=lambda ring: (ring["to"], ring["from"])):
                self.same(ring["from"], end, f"{at}: an interval begins")
                end = ring["to"]
            ends[at] = end
        for ring in self.stat["rings"]:
            at = ring["cpu"], ring["channel"]
            if at[1] == "klog":	# it goes on
                continue
            self.same(ends.get(at, 0), ring["written"], f"{at}: the last one ends")
        for ring in self.stat["rings"]:
            self.same(ring["offered"], ring["written"] + sum(ring["lost"].values()),
                      f"ring {ring['cpu']} {ring['channel']} offered")

    def check_writers(self):
        counts = [[int(x) for x in self.text(f"writer.{w}").split()]
                  for w in range(WRITERS)]
        self.written, too_large, faulted = (sum(column) for column in zip(*counts))
        offered = sum(ring["offered"] for ring in self.stat["rings"]
                      if ring["channel"] in USERS)
        self.same(offered, self.written + too_large + faulted, "events offered")
        self.same(self.lost(USERS, "too_large"), too_large, "too large")
        self.same(self.lost(USERS, "faulted"), faulted, "faulted")
        self.same(self.lost(USERS, "no_ring", "missed"), 0, "lost for no reason")
        self.same([at for at, times in self.seen.items() if times != 1], [], "twice")
        self.same([(w, n) for w, n in self.seen if not 1 <= n <= counts[w][0]], [],
                  "never written")
        # Of each writer's numbers, which aren't there.
        missing = [(w, n) for w in range(WRITERS) for n in range(1, counts[w][0] + 1)
                   if (w, n) not in self.seen]
        gone = self.lost(USERS, "held", "overwritten", "holes")
        self.same(len(missing), gone + self.lost(USERS, "filtered", "sampled", "limited"),
                  "events that aren't there")
        # What can be filtered is debug alone.
        others = sum(level_of(n) != "debug" for _, n in missing)
        self.same(others <= gone, True, f"{others} that weren't filtered; lost {gone}")
        self.missing = len(missing)
        self.held = self.lost(USERS, "held")
        for writer, (written, _, _) in enumerate(counts):
            self.counts[f"events of writer {writer}, in task context"] = written

    def beats(self, name):
        return {(int(cpu), CONTEXTS.index(context)): (int(calls), int(wrong))
                for cpu, context, calls, wrong in
                (line.split() for line in self.text(name).splitlines())}

    def check_calls(self):
        before, after = self.beats("beats.before"), self.beats("beats.after")
        self.same([at for at, (_, wrong) in after.items() if wrong], [],
                  "calls in another context than they should be")
        self.calls = collections.Counter()
        expected = set()
        for (cpu, context), (calls, _) in after.items():
            first = before[cpu, context][0] + 1
            expected |= {(cpu, context, n) for n in range(first, calls + 1)}
            self.calls[context] += calls + 1 - first
        probe = [p for p in json.loads(self.text("probes")) if p["symbol"] == BEAT and
                 p["args"] == 3]
        self.same(len(probe), 1, "the probe that stays")
        if not probe:
            return
        probe = probe[0]
        self.same(probe["hits"] + probe["missed"], len(expected), "calls")
        self.same(probe["hits"], probe["recorded"] + sum(probe["lost"].values()), "hits")
        self.same({c: n for c, n in probe["lost"].items() if n and c != "held"}, {},
                  "hits lost")
        self.same([h for h, times in self.hits.items() if times != 1], [], "hits twice")
        self.same(set(self.hits) - expected, set(), "hits without a call")
        gone = self.lost(["probe"], "overwritten", "holes")
        missing = len(expected) - len(self.hits) - probe["missed"] - sum(
            probe["lost"].values())
        if self.other_hits:
            self.same(0 <= missing <= gone, True, f"hits lost: {missing}, of {gone}")
        else:
            self.same(missing, gone, "hits lost")
        written = sum(r["written"] for r in self.stat["rings"] if r["channel"] == "probe")
        self.same(len(self.hits) + self.other_hits + gone, written, "hits of all probes")
        self.hits_missed = probe["missed"]
        for _, context, _ in self.hits:
            self.counts[f"hits recorded in {CONTEXTS[context]} context"] += 1
        self.counts["hits of probes that came and went"] = self.other_hits

    def check_lines(self):
        said, level = {}, re.compile(r"(\d+),(\d+),\d+,[^;]*;(.*)")
        for line in self.text("kmsg").split("\n"):
            match = level.fullmatch(line)
            if match:	# else a continuation, with what a device is
                prefix, number, text = match.groups()
                text = re.sub(r"\\x([0-9a-f]{2})", lambda hex: chr(int(hex[1], 16)), text)
                said[int(number)] = LEVELS[int(prefix) & 7], text
        first, last = min(self.lines), max(self.lines)
        self.same(last >= max(said) - 40, True, "the last lines")
        self.same([(n, self.lines[n], said.get(n)) for n in self.lines
                   if self.lines[n] != said.get(n)], [], "other lines than the kernel's")
        missing = sum(n not in self.lines for n in range(first, last + 1))
        self.same(missing, self.lost(["klog"], "missed", "held", "overwritten", "holes"),
                  "lines that aren't there")
        self.check_prints(said, first)

    def check_prints(self, said, first):
        """Each that the test's module printed is a line of the kernel's log."""
        printed = {text for n, (_, text) in said.items() if n >= first}
        before, after = self.beats("beats.before"), self.beats("beats.after")
        expected = {f"probe_target: beat {cpu} {CONTEXTS[context]} {n}"
                    for (cpu, context), (calls, _) in after.items()
                    for n in range(before[cpu, context][0] + 1, calls + 1)
                    if n % EVERY == 0}
        self.prints = len(expected)
        self.same(sorted(expected - printed), [], "printed, but not in the log")
        for _, text in self.lines.values():
            if text in expected:
                context = text.split()[3]
                self.counts[f"lines recorded that were printed in {context} context"] += 1

    def check(self):
        self.stat = json.loads(self.text("stat"))
        self.check_chain()
        self.check_writers()
        self.check_calls()
        self.check_lines()
        self.count()

    def count(self):
        """How often each thing was done, and came of it."""
        ticks = f"soak: round {os.path.basename(self.folder)}, line "
        self.ticks = self.text("kmsg").count(ticks)
        for name in self.text("one-shots").split():
            reason = re.search(r"-(\w+)(\.\d+)?\.bin$", name)[1]
            self.counts["files by " + REASONS.get(reason, reason)] += 1
        channels = (*USERS, "probe")
        for ring in self.stat["rings"]:
            self.counts[f"events written on CPU {ring['cpu']}"] += (
                ring["written"] if ring["channel"] in USERS else 0)
        for cause, what in (("filtered", "left out by a level"),
                            ("sampled", "left out by a sample"),
                            ("limited", "left out by a rate")):
            self.counts["events " + what] = self.lost(USERS, cause)
        self.counts["events and hits lost to a hold"] = self.lost(channels, "held")
        for path in glob.glob(self.path("did.*")):
            name = path.rsplit(".", 1)[1]
            for line in self.text("did." + name).splitlines():
                self.counts[DID.get(name, name)] += 1
                if name == "helper":
                    self.counts[f"helpers {line}"] += 1
                elif name == "probe":
                    symbol = line.split("+")[0]
                    self.counts[f"probes on {symbol} that came and went"] += 1


def check_memory(rounds):
    # What the README says that it takes at most.
    samples = [(when.split(), one) for one in rounds
               for when in one.text("samples").splitlines()]
    tap.same([sample for sample, one in samples
              if int(sample[1]) > 1.8 * one.stat["memory"] / 1024 + 1024],
             [], f"no helper takes too much (KiB: {max(int(s[1]) for s, _ in samples)})")
    grown = {}
    for (_, helper, _), one in samples:
        if int(helper):
            grown[one] = int(helper) - grown.get(one, 0)
    # One of them may be looked at while it writes.
    if len(grown) > 2:
        more = sorted(grown.values())[len(grown) // 2]
        tap.ok(more < 1024, "helpers that stay take no more at their end than in the "
               f"middle (KiB: {more})")
    ordinary, reserved = (sorted({int(s[2]) for s, one in samples
                                  if bool(one.counts[DID["region"]]) == kind})
                          for kind in (False, True))
    tap.ok(len(ordinary) == len(reserved) == 1 and
           ordinary[0] - reserved[0] > rounds[0].stat["memory"] / 1024 - 256,
           f"the module's memory stays the same (KiB: {ordinary}, with the rings in "
           f"reserved memory {reserved})")
    memory = [int(one.text("memory")) for one in rounds]
    # The first rounds fill caches.
    begin = memory[min(2, len(memory) // 2)]
    tap.ok(memory[-1] - begin < max(4096, begin // 16),
           f"the kernel's own memory stays the same (KiB: {begin} to {memory[-1]}, "
           f"at most {max(memory)})")


def check_demanded(folder, rounds):
    mode = os.path.basename(folder)
    counts = sum((one.counts for one in rounds), collections.Counter())
    demanded = dict.fromkeys(DEMANDED + ALONE[mode], 1)
    awake = sum(one.stat["uptime_ns"] for one in rounds) / 1e9
    ticks = sum(one.ticks for one in rounds)
    demanded["files by timer"] = max(1, ticks // LINES)
    # On arm64 nothing calls from NMI: see tests/probe/target.h.
    if os.path.dirname(folder).endswith(".arm64"):
        demanded = {what: least for what, least in demanded.items()
                    if "nmi" not in what}
    for what, least in demanded.items():
        of = f" in {awake:.0f} s and {ticks} lines" if what == "files by timer" else ""
        tap.ok(counts[what] >= least,
               f"{mode}: {what}: {counts[what]}{of}, at least {least}")
    others = {what: n for what, n in sorted(counts.items()) if what not in demanded}
    print(f"# {mode}: and {others}")


def check_guest(folder, status):
    mode = os.path.basename(folder)
    tap.same(status, 0, f"{mode}: the guest came to its end")
    paths = sorted(glob.glob(os.path.join(folder, "[0-9]*")),
                   key=lambda path: int(os.path.basename(path)))
    rounds = []
    for path in paths:
        one = Round(path)
        one.check()
        rounds.append(one)
        tap.same(one.wrong[:20], [], f"{mode}: round {os.path.basename(path)}: "
                 f"{one.written} written, {one.missing} lost as declared "
                 f"({one.held} held), "
                 f"{sum(one.calls.values())} called ({one.hits_missed} passed over), "
                 f"{one.prints} printed, {len(one.lines)} lines")
        # What is held against nothing later on is memory.
        one.seen = one.hits = one.lines = one.chain = None
    if not tap.ok(len(rounds) >= 2, f"{mode}: {len(rounds)} rounds"):
        return
    check_memory(rounds)
    check_demanded(folder, rounds)


def main():
    end = sys.argv.index("--")
    for folder, status in zip(sys.argv[1:end], sys.argv[end + 1:]):
        check_guest(folder, int(status))
    tap.done()


main()
