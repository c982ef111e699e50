# SPDX-License-Identifier: GPL-2.0-only
"""What boots have left in reserved memory: region.py PROGRAMS OUT WAY... Prints TAP."""
import os
import re
import sys

from report import OUT, check, conclude, events_of, info_of, lines_of, read, value, when

WAYS = sys.argv[3:]
CPUS = 4
NUMBER = 300
NO_BOOT = "00000000-0000-0000-0000-000000000000"

# What an oops says of itself; with KASAN it is NULL's shadow that isn't there.
OOPS = r"(?:Oops: |general protection fault, )"
NULL = r"^BUG: kernel NULL pointer|NULL pointer dereference|general protection fault, .*KASAN"

# There is no panic.
RESETS = ("reset", "unsaved", "deferred", "late")

# What a panic says of itself, by way.
SAYS = {
    "sysrq": "sysrq triggered crash",
    "held": "sysrq triggered crash",
    "task": "panic_test: on purpose",
    "irq": "Fatal exception in interrupt",
    "nmi": "panic_test: on purpose, in_nmi 1",
    "lock": "panic_test: on purpose, under the consoles' lock",
    "oops": "Fatal exception",
    "hung": "hung_task: blocked tasks",
    "soft": "softlockup: hung tasks",
    "oom": "Out of memory: ",
    "commit": "Fatal exception",
    "load": "panic_test: on purpose, at misc_register",
    "drain": "panic_test: on purpose, at kmsg_dump_get_line",
    "unload": "panic_test: on purpose, at misc_deregister",
}


def split(way):
    way, _, how = way.partition("/")
    return way, how


def check_writers(name, way, boot, events):
    """What each CPU has written: all of it, once, in order."""
    for cpu in range(CPUS):
        numbers = [int(e["message"].split()[2]) for e in events
                   if e["kind"] == "log" and e["message"].startswith(f"w {cpu} ")]
        if way == "reset":
            # The ring went round: up to the last one that was noted, or further.
            noted = int(read(str(boot), "notes", str(cpu)) or 0)
            good = numbers and numbers[-1] >= noted and noted > 1000 and \
                numbers == list(range(numbers[0], numbers[-1] + 1))
            check(f"{name}: CPU {cpu}: each event up to the reset, once, in order", good,
                  numbers[:1], numbers[-1:], len(numbers), noted)
        else:
            check(f"{name}: CPU {cpu}: each event, once, in order",
                  numbers == list(range(NUMBER)), numbers)
        cpus = {e["cpu"] for e in events if e["kind"] == "log" and
                e["message"].startswith(f"w {cpu} ")}
        check(f"{name}: CPU {cpu}: that it was there", cpus == {cpu}, cpus)


def check_events(name, way, boot, events):
    check_writers(name, way, boot, events)
    others = [e for e in events if e["kind"] == "log" and not e["message"].startswith("w ")]
    check(f"{name}: fields, service and level",
          [(e["message"], e.get("service"), e["level"], e.get("fields")) for e in others] ==
          [("payment refused", "billing", "err", {"order": 1042, "by": "alice"})], others)
    hits = [e for e in events if e["kind"] == "probe"]
    check(f"{name}: the probe's hit, by its name",
          [(e["message"], e["fields"]) for e in hits] == [("panic_probed", {"arg1": 4711})], hits)


def check_kernel(name, way, boot, events):
    told = [line for e in events if e["kind"] == "klog" for line in e["message"].split("\n")]
    before = lines_of(read(str(boot), "dmesg"))
    at = next((i for i in range(len(told)) if told[i:i + 1] == before[:1]), 0)
    # The panic takes the room of the oldest lines, where all is held.
    if way != "held":
        check(f"{name}: all that the kernel had said before", before and
              told[at:at + len(before)] == before,
              [x for x in zip(told[at:], before) if x[0] != x[1]][:3], len(told), len(before))
    if way in ("unsaved", "late"):
        check(f"{name}: the oops", any(re.search(NULL, line) for line in told), told[-30:])
    if way == "deferred":
        numbers = [m[1] for line in told if (m := re.search(OOPS + r".*\[#(\d)\]", line))]
        check(f"{name}: the oops that waited as well", numbers == ["1", "2"], told[-30:])
        own = os.listdir(os.path.join(OUT, str(boot), "own"))
        check(f"{name}: of the first there is a file already", sorted(
            re.sub(r"-.*-", " ", name) for name in own) == ["said", "ttlog oops.bin"], own)
    if way in RESETS:
        return
    if way == "dying":
        check(f"{name}: nothing of how it died", told[at + len(before):] == [],
              told[at + len(before):])
        return
    # Printed when the kernel's log had been taken for the last time.
    printed = [line for line in told if
               re.match(r"ttlog: (the last \d+ events:|\d+\.\d{6} cpu|end of the last)", line)]
    check(f"{name}: nothing of what the module prints of it", not printed, printed)
    # arm64 puts a word in front of it.
    last = [i for i, line in enumerate(told) if line.startswith(
        ("Kernel panic - not syncing: " + SAYS[way],
         "Kernel panic - not syncing: Oops: " + SAYS[way]))]
    check(f"{name}: the panic, once, and where it was called", len(last) == 1 and
          (way not in ("sysrq", "task", "nmi", "unload", "hung") or
           any(line.startswith(("Call Trace:", "Call trace:")) for line in told[last[0]:])),
          told[-30:])


def check_file(name, way, boot, path):
    info, events = info_of(path), events_of(path)
    release, version, machine = re.fullmatch(
        r"(\S+) (.*) (\S+)", read(str(boot), "uname").strip()).groups()
    helped = split(WAYS[boot])[1] != "no" and way != "load"
    check(f"{name}: machine and boot that it is of",
          (value(info, "hostname"), value(info, "release"), value(info, "version"),
           value(info, "machine"), value(info, "boot_id")) ==
          ("ttlog-vm", release, version, machine,
           read(str(boot), "boot_id").strip() if helped else NO_BOOT), info)
    reason = "reset" if way in RESETS else "panic"
    check(f"{name}: trigger and reason", (value(info, "trigger"), value(info, "reason")) ==
          (reason, reason), info)
    check(f"{name}: by time", events and [when(e) for e in events] ==
          sorted(when(e) for e in events))
    stamp = re.match(r"ttlog-\d+-(\d{14})-", os.path.basename(path))[1]
    check(f"{name}: the name says when it was", stamp == value(info, "created_at"), path, info)
    # That of each CPU; what writes at a reset is in the midst of it.
    holes = [int(n) for n in re.findall(r"channel: \"flow\".* holes: (\d+)", info)]
    wanted = [int(way == "commit" and cpu == 1) for cpu in range(CPUS)]
    check(f"{name}: holes", holes == wanted or
          (way == "reset" and len(holes) == CPUS and max(holes) <= 1), holes)
    if way == "load":
        told = [e["message"] for e in events]
        check(f"{name}: the panic", any(SAYS[way] in line for line in told), told[-20:])
        return
    check_events(name, way, boot, events)
    check_kernel(name, way, boot, events)
    if way == "held":
        lost = re.search(r'channel: "klog".* held: (\d+)', info)
        check(f"{name}: the hold was in the way of lines", lost and int(lost[1]) > 0, lost)


def check_module(boot, left, own):
    """What the module says of the region: which halves are left, and where rings are."""
    halves = ["first", "second"]
    said = read(str(boot), "module").splitlines()
    wanted = [f"ttlog: the {halves[i]} half of the region has what an earlier boot left, "
              "for a helper to save" for i in left]
    if own is None:
        wanted.append("ttlog: both halves of the region have what earlier boots left and "
                      "nobody has saved: rings are in ordinary memory until the module is "
                      "loaded again")
    seen = [re.sub(r"( half of the region), at 0x[0-9a-f]+$", r"\1", line) for line in said
            if "region" in line]
    if own is not None:
        wanted.append(f"ttlog: rings are in the {halves[own]} half of the region")
    check(f"boot {boot}: what the module says of the region", seen == wanted, seen, wanted)


def main():
    left = {}          # what each half has: of which boot
    saved = []
    for boot in range(len(WAYS) + 1):
        way, how = split(WAYS[boot]) if boot < len(WAYS) else ("", "")
        free = [half for half in (0, 1) if half not in left]
        own = free[0] if free else None
        check_module(boot, sorted(left), own)
        folder = os.path.join(OUT, str(boot), "files")
        names = os.listdir(folder) if os.path.isdir(folder) else []
        files = sorted(name for name in names if name.endswith(".bin"))
        if how == "no":
            check(f"boot {boot}: nothing is taken", not files, files)
        else:
            expected = sorted(left.values())
            check(f"boot {boot}: a file each of what was left", len(files) == len(expected),
                  names, read(str(boot), "helper"))
            if how == "once":
                check(f"boot {boot}: the one-shot ends well",
                      read(str(boot), "status") == "0\n", read(str(boot), "helper"))
            if how.startswith("killed"):
                calls = int(read(str(boot), "killed") or 0)
                check(f"boot {boot}: the helper was killed at {calls} places",
                      calls >= 100 // int(how[6:] or 1),
                      read(str(boot), "helper")[-2000:])
            # By their times, the oldest is of the oldest boot.
            files.sort(key=lambda name: value(info_of(os.path.join(folder, name)), "created_at"))
            for of, name in zip(expected, files):
                check_file(f"boot {of}: {WAYS[of]}", split(WAYS[of])[0], of,
                           os.path.join(folder, name))
                saved.append(of)
            left = {}
        if own is not None and way and way != "clean":
            left[own] = boot
    kept = [boot for boot in range(len(WAYS)) if boot in saved]
    print(f"# saved: {' '.join(WAYS[boot] for boot in kept)}")
    conclude()


main()
