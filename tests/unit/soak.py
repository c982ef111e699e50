# SPDX-License-Identifier: GPL-2.0-only
"""What checks a soak (tests/soak/check.py), with what is made up: it passes what is right,
and tells each thing that is wrong, or wasn't done."""
import copy
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from snapfile import TOP, Tap, store

tap = Tap()
CHECK = os.path.join(TOP, "tests/soak/check.py")
CPUS, WRITERS, NUMBERS = 4, 5, 64
CAUSES = "filtered sampled limited too_large faulted held no_ring missed".split()
CONTEXTS = "task softirq hardirq nmi".split()
LETTERS = "abcdefghijklmnopqrstuvwxyz" * 10
LEVELS = "emerg alert crit err warning notice info debug".split()
CALLS = range(49, 52)
# Events that aren't there, and of which cause.
GONE = {(0, 3): "filtered", (1, 3): "sampled", (2, 5): "held", (2, 6): "overwritten",
        (2, 7): "holes"}
TRIGGERS = ("exit", "level", "probe", "request")
DID = {"dropped": "", "filter": "", "helper": "killed", "hog": "", "hold": "", "level": "",
       "load": "", "map": "", "offline": "2", "probe": "probe_target_beat",
       "request": "", "sleep": "", "unload": ""}


def level_of(number):
    if number % 64 == 0:
        return "err"
    if number % 8 == 0:
        return "warning"
    return "info" if number % 3 else "debug"


def event_of(writer, number):
    begin = (writer + number) % 26
    event = {"message": f"{writer} {number} {LETTERS[begin:begin + number * 7 % 200]}",
             "service": f"w{writer}", "fields": {"n": number}, "level": level_of(number),
             "comm": "writer", "cpu": (writer + number) % CPUS}
    if writer == 4:
        event["uid"] = 1001
    return event


def hit_of(cpu, context, number):
    return {"message": "probe_target_beat", "kind": "probe", "level": "notice", "cpu": cpu,
            "fields": {"arg1": cpu, "arg2": context, "arg3": number}}


def line_of(number, text):
    return {"message": text, "kind": "klog", "level": "warning", "fields": {"seq": number}}


class Ring:
    """The ledger of one, of a module and of its only file."""

    def __init__(self, cpu, channel, offered, read, lost):
        self.lost = {cause: lost.get(cause, 0) for cause in CAUSES}
        written = offered - sum(self.lost.values())
        unread = {cause: lost.get(cause, 0) for cause in ("overwritten", "holes")}
        at = {"cpu": cpu, "channel": channel, "offered": offered, "written": written}
        self.stat = {**at, "lost": self.lost}
        self.file = {**at, "lost": dict(self.lost), "from": 0, "to": written,
                     "read": read, **unread}


class Round:
    """All that the guest leaves of one."""

    def __init__(self, number, gone=None, contexts=len(CONTEXTS)):
        self.number = number
        self.gone = GONE if gone is None else gone
        self.contexts = range(contexts)
        self.ticks = 5
        self.one_shots = []
        self.did = {name: [line] for name, line in DID.items()}
        self.did["load"] *= 3
        if number % 2 == 0:
            self.did["region"] = [""]
        self.did["probe"] = ["probe_target_beat", "getppid+5"]
        self.counts = [[NUMBERS, 1, 1] for _ in range(WRITERS)]
        self.memory = 12000
        self.samples = [["half", 300, 6240], ["end", 400, 6240]]
        if number % 2 == 0:
            self.samples = [["half", 0, 96], ["end", 0, 96]]
        self.calls = {(cpu, context): [CALLS[0] - 1, CALLS[-1], 0]
                      for cpu in range(CPUS) for context in self.contexts}
        self.probe = {"symbol": "probe_target_beat", "args": 3, "hits": 0, "missed": 0,
                      "recorded": 0, "lost": dict.fromkeys(CAUSES, 0)}
        self.make_lines()
        self.make_events()
        self.files = [self.make_file("timer", self.events, self.rings)]
        for trigger in TRIGGERS if number == 1 else ():
            self.files.append(self.make_file(trigger, [], []))

    def make_lines(self):
        texts = ["something of the kernel's"]
        texts += [f"soak: round {self.number}, line {n + 1}" for n in range(self.ticks)]
        texts += [f"probe_target: beat {cpu} {context} 50" for cpu in range(CPUS)
                  for context in CONTEXTS[:len(self.contexts)]]
        self.kmsg = dict(enumerate(texts, 100))

    def make_events(self):
        self.events, self.rings = [], []
        for cpu in range(CPUS):
            ids = [(w, n) for w in range(WRITERS) for n in range(1, NUMBERS + 1)
                   if (w + n) % CPUS == cpu]
            lost = dict.fromkeys((*CAUSES, "overwritten", "holes"), 0)
            for at in ids:
                if at in self.gone:
                    lost[self.gone[at]] += 1
            here = [event_of(*at) for at in ids if at not in self.gone]
            wrong = 2 * WRITERS if cpu == 0 else 0
            if wrong:
                lost["too_large"] = lost["faulted"] = WRITERS
            self.add_ring(Ring(cpu, "flow", len(ids) + wrong, len(here), lost), here)
            hits = [hit_of(cpu, context, n) for context in self.contexts
                    for n in CALLS]
            # One of a probe that came and went.
            others = [{**hits[0], "message": "getppid"}]
            self.add_ring(Ring(cpu, "probe", len(hits + others), len(hits + others), {}),
                          hits + others)
            self.probe["hits"] += len(hits)
            self.probe["recorded"] += len(hits)
        lines = [line_of(n, text) for n, text in self.kmsg.items()]
        self.add_ring(Ring(0, "klog", len(lines), len(lines), {}), lines)

    def add_ring(self, ring, events):
        self.rings.append(ring)
        self.events += events

    @staticmethod
    def make_file(trigger, events, rings):
        events = [{**event, "timestamp": 1000 + i} for i, event in enumerate(events)]
        return {"trigger": trigger, "events": events,
                "ledger": {"rings": [ring.file for ring in rings]}}

    def ring(self, channel):
        return next(ring for ring in self.rings if ring.stat["channel"] == channel)

    def texts(self):
        """Names of files with what is in them."""
        beats = {"before": 0, "after": 1}
        for name, column in beats.items():
            yield f"beats.{name}", "".join(
                f"{cpu} {CONTEXTS[context]} {calls[column]} {calls[2]}\n"
                for (cpu, context), calls in self.calls.items())
        yield "probes", json.dumps([self.probe])
        yield "stat", json.dumps({"rings": [ring.stat for ring in self.rings],
                                  "memory": 6275072, "uptime_ns": 9 * 10 ** 9})
        yield "kmsg", "".join(f"4,{n},1,-;{text}\n" for n, text in self.kmsg.items())
        yield "samples", "".join("%s %d %d\n" % tuple(sample) for sample in self.samples)
        yield "memory", f"{self.memory}\n"
        yield "one-shots", "".join(f"/var/lib/ttlog/{n}\n" for n in self.one_shots)
        for writer, counts in enumerate(self.counts):
            yield f"writer.{writer}", "%d %d %d\n" % tuple(counts)
        for name, lines in self.did.items():
            yield f"did.{name}", "".join(line + "\n" for line in lines)

    def write(self, folder):
        os.makedirs(os.path.join(folder, "files"))
        for i, snapshot in enumerate(self.files):
            store(os.path.join(folder, f"files/{i}.bin"), snapshot)
        for name, text in self.texts():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)


GOOD = [Round(1), Round(2)]


def check(rounds, mode="in-turn", machine="6.1.amd64", status=0):
    """Returns its exit status, and the lines that aren't ok."""
    with tempfile.TemporaryDirectory() as top:
        folder = os.path.join(top, machine, mode)
        for one in rounds:
            one.write(os.path.join(folder, str(one.number)))
        got = subprocess.run(["/usr/bin/python3", CHECK, folder, "--", str(status)],
                             capture_output=True, text=True, check=False)
    lines = [line for line in got.stdout.splitlines() if line[:2] not in ("ok", "1.")]
    return got.returncode, "\n".join(lines) + got.stderr


def passes(what, rounds, **kwargs):
    status, said = check(rounds, **kwargs)
    if not tap.ok(status == 0 and "not ok" not in said, what):
        print("# " + said.replace("\n", "\n# "))


def tells(what, words, change, **kwargs):
    """@change is done to rounds that are right, and @words are told, each of them."""
    words = [words] if isinstance(words, str) else words
    rounds = copy.deepcopy(GOOD)
    change(rounds)
    status, said = check(rounds, **kwargs)
    if not tap.ok(status == 1 and all(word in said for word in words) and
                  "Traceback" not in said, f"{what}: {', '.join(words)}"):
        print("# " + said.replace("\n", "\n# "))


def ledger(channel, **changes):
    """Of the first ring of it, in the module and the file alike."""
    def change(rounds):
        ring = rounds[0].ring(channel)
        for name, by in changes.items():
            for where in (ring.stat, ring.file):
                if name in CAUSES:
                    where["lost"][name] += by * (where is ring.stat or
                                                 ring.file["lost"] is not ring.lost)
                elif name in where:
                    where[name] += by
    return change


def first(rounds, kind):
    """The index of an event in the file."""
    events = rounds[0].files[0]["events"]
    return events, next(i for i, e in enumerate(events) if e.get("kind", "log") == kind)


def removed(kind, **changes):
    def change(rounds):
        events, at = first(rounds, kind)
        del events[at]
        ledger({"log": "flow"}.get(kind, kind), read=-1, **changes)(rounds)
    return change


def doubled(kind):
    def change(rounds):
        events, at = first(rounds, kind)
        events.insert(at, events[at])
        ledger({"log": "flow"}.get(kind, kind), read=1, to=1, written=1, offered=1)(rounds)
    return change


def other(kind, **keys):
    def change(rounds):
        events, at = first(rounds, kind)
        events[at].update(keys)
    return change


def events():
    tells("an event is missing in a file", "0.bin: events: ",
          lambda rounds: rounds[0].files[0]["events"].pop(5))
    tells("an event is missing", "whose interval isn't accounted for", removed("log"))
    tells("an event is missing, and not told of", "the last one ends",
          removed("log", to=-1))
    tells("an event is missing, and was never offered", "events offered: ",
          removed("log", to=-1, written=-1, offered=-1))
    tells("an event is there twice", "0.bin: twice in it: [(", doubled("log"))
    tells("an event of nobody's", "nobody's: {",
          other("log", message="9 9 x"))
    event = event_of(3, 1)
    tells("a byte of an event is another one", "False, expected True",
          other("log", message=event["message"][:-1] + "!"))
    for keys in ({"level": "crit"}, {"uid": 7}, {"service": "w7"}, {"comm": "other"},
                 {"fields": {"n": 0}}):
        tells(f"an event has another {[*keys]}", "False, expected True",
              other("log", **keys))
    tells("events out of order", "0.bin: in order: ", other("log", timestamp=10 ** 6))


def ledgers():
    for cause in CAUSES:
        tells(f"one more {cause} than there is", "offered",
              ledger("flow", **{cause: 1}))
    for cause, words in (("filtered", "events that aren't there"),
                         ("held", "events that aren't there"),
                         ("too_large", "too large"), ("faulted", "faulted"),
                         ("missed", "lost for no reason"),
                         ("no_ring", "lost for no reason")):
        tells(f"one more {cause} and offered", words,
              ledger("flow", **{cause: 1, "offered": 1}))
    tells("one more overwritten", "events that aren't there",
          ledger("flow", overwritten=1, to=1, written=1, offered=1))
    tells("one less overwritten", "isn't accounted for", ledger("flow", overwritten=-1))
    tells("an interval begins too late", "an interval begins",
          ledger("flow", **{"from": 1, "read": -1}))
    tells("a writer wrote one more", "events offered",
          lambda rounds: rounds[0].counts[0].__setitem__(0, NUMBERS + 1))
    tells("a writer wrote one less", "never written",
          lambda rounds: rounds[0].counts[0].__setitem__(0, NUMBERS - 1))
    gone = {**GONE, (3, 8): "filtered"}
    tells("a filter left out what isn't debug", "that weren't filtered",
          lambda rounds: rounds.__setitem__(0, Round(1, {at: "filtered" for at in gone})))


def hits_and_lines():
    tells("a hit is missing", "hits lost: ",
          removed("probe", to=-1, written=-1, offered=-1))
    tells("a hit is there twice", "hits twice: ", doubled("probe"))
    tells("a hit without a call", "hits without a call",
          other("probe", fields={"arg1": 0, "arg2": 0, "arg3": 99}))
    tells("a hit of another CPU", "hit (3, 0, 49): ",
          other("probe", fields={"arg1": 3, "arg2": 0, "arg3": 49}))
    tells("one call more", "calls: ",
          lambda rounds: rounds[0].calls[0, 1].__setitem__(1, CALLS[-1] + 1))
    tells("a call in another context", "calls in another context",
          lambda rounds: rounds[0].calls[0, 1].__setitem__(2, 1))
    tells("a hit that was missed in the list alone", "hits",
          lambda rounds: rounds[0].probe.__setitem__("missed", 1))
    tells("no probe stayed", "the probe that stays",
          lambda rounds: rounds[0].probe.__setitem__("args", 1))
    tells("a line is another one", "other lines than the kernel",
          other("klog", message="something else"))
    tells("a line is missing", "lines that aren't there",
          lambda rounds: rounds[0].files[0]["events"].pop(-3) and
          ledger("klog", read=-1, to=-1)(rounds))
    tells("a line is there twice", "is there already", doubled("klog"))
    tells("a call wasn't printed", "printed, but not in the log",
          lambda rounds: rounds[0].kmsg.__setitem__(106, "none"))
    tells("the newest lines are missing", "the last lines",
          lambda rounds: rounds[0].kmsg.__setitem__(999, "late"))


def memory():
    def sample(i, column, value, which=0):
        return lambda rounds: rounds[which].samples[i].__setitem__(column, value)
    tells("a helper takes too much", "no helper takes too much", sample(0, 1, 20000))
    tells("the module's memory grows", "the module's memory", sample(1, 2, 6250))
    tells("memory in the region is ordinary", "the module's memory", sample(1, 2, 6240, 1))
    tells("the kernel's memory grows", "the kernel's own memory",
          lambda rounds: rounds.append(Round(3)) or setattr(rounds[2], "memory", 30000))


def undone():
    """Each thing that wasn't done, or of which nothing came."""
    what = ("readers killed while they had the rings mapped", "filters set",
            "helpers killed", "holds that no helper came for", "levels flipped", "loads",
            "maps made and dropped by readers", "CPUs that went and came",
            "processes killed for memory",
            "probes that came and went", "snapshots requested", "suspends to idle",
            "unloads")
    tells("nothing was done", [f"in-turn: {one}: 0, at least 1" for one in what],
          lambda rounds: [one.did.clear() for one in rounds])
    tells("holds = 0", "in-turn: holds that no helper came for: 0, at least 1",
          lambda rounds: [one.did.pop("hold") for one in rounds])
    tells("no region", "loads with the rings in reserved memory: 0, at least 1",
          lambda rounds: rounds[1].did.pop("region"))
    tells("helpers that all ended", "helpers killed: 0, at least 1",
          lambda rounds: [one.did.update(helper=["ended"]) for one in rounds])
    for symbol in ("probe_target_beat", "getppid"):
        tells(f"no probe on {symbol}", f"probes on {symbol} that came and went: 0",
              lambda rounds, symbol=symbol: [one.did.update(probe=["ksys_write"])
                                             for one in rounds])
    for at, cause, what in (((2, 5), "held", "events and hits lost to a hold"),
                            ((0, 3), "filtered", "events left out by a level"),
                            ((1, 3), "sampled", "events left out by a sample")):
        gone = {**GONE, at: "overwritten"}
        tells(f"nothing was {cause}", f"{what}: 0, at least 1",
              lambda rounds, gone=gone: rounds.__setitem__(
                  slice(None), [Round(n, gone) for n in (1, 2)]))
    tells("no NMI", "hits recorded in nmi context: 0, at least 1",
          lambda rounds: rounds.__setitem__(
              slice(None), [Round(n, contexts=3) for n in (1, 2)]))
    for mode, triggers in (("at-once", TRIGGERS), ("in-turn", ("exit", "level", "request"))):
        tells("no files but by timer", [f"{mode}: files by {trigger}: 0, at least 1"
                                        for trigger in triggers],
              lambda rounds: rounds[0].files.__delitem__(slice(1, None)), mode=mode)
    # What isn't numbered from 0 on is no line of the kernel's, and all the same is counted.
    tells("too few files by timer", "files by timer: 2 in 18 s and 105 lines, at least 3",
          lambda rounds: rounds[1].kmsg.update(
              {at: f"soak: round 2, line {at}" for at in range(-95, 0)}))
    tells("one round", "1 rounds", lambda rounds: rounds.pop())


def rest(rounds):
    """What isn't done everywhere isn't demanded there."""
    passes("all is right", rounds)
    awake = copy.deepcopy(rounds)
    for one in awake:
        del one.did["sleep"]
        one.did["probe"] = ["do_unlinkat"]
    passes("nobody sleeps where CPUs run at once", awake, mode="at-once")
    passes("no NMI on arm64", [Round(n, contexts=3) for n in (1, 2)],
           machine="6.12.arm64")
    beside = copy.deepcopy(rounds)
    del beside[0].files[1:]
    beside[1].one_shots = [f"ttlog-9-20261123101112-{reason}.bin" for reason in
                           ("exit", "level.1", "soak", "unlink")]
    passes("files of helpers that the module starts", beside, mode="at-once")
    tells("a guest that failed", "the guest came to its end", lambda rounds: None, status=1)


def main():
    rest(GOOD)
    events()
    ledgers()
    hits_and_lines()
    memory()
    undone()
    tap.done()


main()
