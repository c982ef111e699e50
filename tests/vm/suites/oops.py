# SPDX-License-Identifier: GPL-2.0-only
"""What the guest of oops.sh has left: is all of it in the files?

    oops.py TTLOG FOLDER WAY...
"""
import json
import os
import re
import subprocess
import sys

TTLOG, FOLDER, WAYS = sys.argv[1], sys.argv[2], sys.argv[3:]

# The flow of a CPU has 9 blocks, 1 of them spare, with room for 125 events each; of
# the other 8 the one that is being filled may be empty.
HELD_AT_LEAST = 7 * 125

# printk's clock and ours agree to so many ns in a guest without a stable TSC: it is then
# late by up to what its ticks are, which a busy host makes many milliseconds.
CLOCK = 40000000

# With KASAN NULL's shadow is touched first.
BEGIN = re.compile(r"BUG: kernel NULL pointer dereference|kernel BUG at |Oops: |invalid opcode: "
                   r"|general protection fault, .*KASAN")
END = re.compile(r"---\[ end trace [0-9a-f]+ \]---")

count = 0
failed = False


def check(good, name, why=""):
    global count, failed
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {name}")
    if not good:
        failed = True
        print(f"# {why}")


class File:
    def __init__(self, path):
        self.way = os.path.basename(os.path.dirname(path))
        self.name = os.path.basename(path)
        text = subprocess.run([TTLOG, "cat", "--json", path], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        self.events = [json.loads(line) for line in text.splitlines()]
        info = subprocess.run([TTLOG, "cat", "--info", path], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        self.info = info

    def value(self, key):
        return re.search(rf"^{key}: (.*)$", self.info, re.M)[1].strip('"')

    def flow(self, cpu):
        """What the ledger has of the flow of this CPU."""
        line = re.search(rf'cpu: {cpu}, channel: "flow".*', self.info)[0]
        return {key: int(n) for key, n in re.findall(r"(\w+): (\d+)", line)}

    def is_whole(self, cpu):
        """Has the flow of this CPU lost nothing, and was it read to its end?"""
        value = self.flow(cpu)
        return value["offered"] == value["written"] == value["to"] and value["holes"] == 0

    def is_held(self, cpu):
        """Was it read to its end, and is all that it lost lost to the hold?"""
        value = self.flow(cpu)
        return (value["written"] == value["to"] and
                value["offered"] - value["written"] == value["held"])

    def is_declared(self, cpu):
        """Is what isn't there of the flow of this CPU counted, to the event?"""
        value = self.flow(cpu)
        there = [e for e in self.events if e["kind"] == "log" and e["cpu"] == cpu and
                 e["level"] in ("notice", "info", "debug")]
        return (value["read"] == len(there) > 0 and
                value["read"] + value["overwritten"] + value["holes"] == value["to"])

    def oops(self):
        """The lines of the first oops of this way: seq, message, time."""
        lines = [(e["fields"]["seq"], e["message"], when(e)) for e in self.events
                 if e["kind"] == "klog"]
        begun = [i for i, line in enumerate(lines) if line[1] == f"oops-guest: {self.way}"]
        lines = lines[begun[0]:] if begun else []
        first = [i for i, line in enumerate(lines) if BEGIN.search(line[1])]
        end = [i for i, line in enumerate(lines) if END.search(line[1])]
        return lines[first[0]:end[0] + 1] if first and end else []


def when(event):
    return event["timestamp"] * 1000000 + event["ns"]


def said(way):
    """What the kernel said: without the time in front."""
    with open(f"{FOLDER}/{way}/dmesg", encoding="utf-8") as f:
        return [re.sub(r"^\[ *[0-9.]+\] ?", "", line.rstrip("\n")) for line in f]


def numbers(way, what):
    path = f"{FOLDER}/{way}/{what}"
    if not os.path.exists(path):
        return []
    with open(path, encoding="ascii") as f:
        return [int(word) for word in f.read().split()]


def oops_text(lines):
    """The text of the first oops in the kernel's log."""
    first = next(i for i, line in enumerate(lines) if BEGIN.search(line))
    end = next(i for i in range(first, len(lines)) if END.search(lines[i]))
    return lines[first:end + 1]


def check_text(way, file):
    told = file.oops()
    expected = oops_text(said(way))
    check([line[1].rstrip() for line in told] == [line.rstrip() for line in expected],
          f"{way}: the oops's text, each line once, in order",
          f"{[line[1] for line in told]} is not {expected}")
    seq = [line[0] for line in told]
    check(seq == list(range(seq[0], seq[0] + len(seq))) if seq else False,
          f"{way}: no line of it is missing", f"{seq}")
    every = [e["fields"]["seq"] for e in file.events if e["kind"] == "klog"]
    check(len(every) == len(set(every)) and every == sorted(every),
          f"{way}: each line of the kernel's log once", "there are repetitions")


def check_writers(way, file, hung=(), held=True):
    told = file.oops()
    struck = told[0][2] if told else 0
    for cpu in range(4):
        if cpu in hung:
            continue
        mine = [e for e in file.events if e["kind"] == "log" and
                e["message"].startswith(f"w {cpu} ")]
        number = [int(e["message"].split()[2]) for e in mine]
        run = 0
        while run + 1 < len(number) and number[run + 1] == number[run] + 1:
            run += 1
        # In a row to the last of all, and that is at the oops, or the writer slept then.
        last = run + 1 == len(number) and file.is_held(cpu)
        if held:
            check(run + 1 >= HELD_AT_LEAST and last and
                  (file.is_whole(cpu) or when(mine[run]) >= struck - CLOCK),
                  f"{way}: CPU {cpu}: all that its ring held is there",
                  f"{run + 1} events in a row, to {when(mine[run]) - struck if mine else 0}"
                  " ns after the oops")
        else:
            check(file.is_declared(cpu), f"{way}: CPU {cpu}: what is missing is counted",
                  f"{len(mine)} events, {file.flow(cpu)}")
        check(number == sorted(set(number)) and {e["cpu"] for e in mine} == {cpu},
              f"{way}: CPU {cpu}: each once, in order", "they aren't")


def files_of(way):
    folder = f"{FOLDER}/{way}"
    paths = [f"{folder}/{name}" for name in os.listdir(folder) if name.endswith(".bin")]
    files = [File(path) for path in paths]
    return sorted(files, key=lambda file: int(re.search(r"^  mono: (\d+)", file.info, re.M)[1]))


def check_first(way, files, pid=None):
    check(bool(files), f"{way}: a file is there by itself", "there is none")
    if not files:
        return None
    file = files[0]
    check(file.value("reason") == "oops" and file.value("trigger") == "oops",
          f"{way}: it says what it is of", file.info)
    pid = pid or numbers(way, "pids")[0]
    check(file.value("pid") == str(pid) and file.name.startswith(f"ttlog-{pid}-"),
          f"{way}: it has the pid of who oopsed", f"{file.name} should have {pid}")
    check_text(way, file)
    return file


def plain(way, held=True, **more):
    files = files_of(way)
    file = check_first(way, files, **more)
    check(len(files) == 1, f"{way}: one file", str([f.name for f in files]))
    if file:
        check(file.value("stands_for") == "1", f"{way}: it stands for one", file.info)
        check_writers(way, file, held=held)
    return file


def pid_of_text(way):
    """Who oopsed, as the kernel has it."""
    return int(re.search(r"^CPU: \d+ (?:UID: \d+ )?PID: (\d+)",
                         "\n".join(oops_text(said(way))), re.M)[1])


def several(way, total, nr=None):
    files = files_of(way)
    pids = numbers(way, "pids")
    pid = pid_of_text(way)
    check(pid in pids, f"{way}: it was one of them", f"{pid} is not in {pids}")
    first = check_first(way, files, pid)
    stands = [int(file.value("stands_for")) for file in files]
    check(sum(stands) == total, f"{way}: the files stand for {total}", str(stands))
    if nr:
        check(len(stands) >= nr and stands[0] == 1, f"{way}: {nr} files, the first of one",
              str(stands))
    if len(files) > 1:
        # Files are begun once the helper comes to it, the wait when the first struck.
        at = [int(re.search(r"^  real: (\d+)", file.info, re.M)[1]) for file in files]
        told = first.oops() if first else []
        struck = told[0][2] if told else at[0]
        check(at[1] - struck > 30e9 - CLOCK and at[1] - at[0] < 45e9,
              f"{way}: the second 30 s after the first",
              f"{(at[1] - struck) / 1e9} s, {(at[1] - at[0]) / 1e9} s")
    if first:
        check_writers(way, first)


def both(way):
    files = files_of(way)
    check([file.value("reason") for file in files] == ["oops", "level"],
          f"{way}: first the oops, then the level", str([file.name for file in files]))
    check(files[-1].value("trigger") == "level" and int(files[-1].value("stands_for")) >= 1,
          f"{way}: the level's file says so", files[-1].info)
    check_first(way, files)


def kthread(way):
    file = plain(way, pid=pid_of_text(way))
    check("Comm: oops_thread" in "\n".join(said(way)), f"{way}: in that thread", "it wasn't")
    return file


def work(way):
    plain(way, pid=pid_of_text(way))
    check("Workqueue: events_unbound null_item [oops_test]" in said(way),
          f"{way}: in a workqueue's item", "it wasn't")


def reserve(way):
    file = files_of(way)
    check_first(way, file)
    if not file:
        return
    # The slot that was open when its writer died hides the rest of its block at most.
    check("ttlog_event_write" in "\n".join(said(way)), f"{way}: in the middle of a write",
          "it wasn't")
    holes = [int(n) for n in re.findall(r"channel: \"flow\".* holes: (\d+)", file[0].info)]
    check(len(holes) == 4 and holes[1] == 1 and holes[0] == holes[2] == holes[3] == 0,
          f"{way}: it is the one hole", str(holes))
    check(all(e["message"] != "in the middle" for e in file[0].events),
          f"{way}: and no event", "it is one")
    # The other three lose nothing; that CPU's has the hole alone.
    check_writers(way, file[0])


def probe(way):
    file = plain(way)
    hits = [e for e in file.events if e["kind"] == "probe"] if file else []
    check(len(hits) == 2 and all(h["fields"].get("arg1") == 41 for h in hits),
          f"{way}: the hit before, and that in whose midst it struck", str(hits))


def later(way, held=True):
    plain(way, held=held)
    with open(f"{FOLDER}/{way}/before", encoding="utf-8") as f:
        check(".bin" not in f.read(), f"{way}: there was no room for it before", "there was")


def hang(way):
    held = numbers(way, "held")
    check(len(held) == 3 and held[0] > 0 and held[2] == held[1],
          f"{way}: the hold of a CPU that hangs ends", str(held))


def messages(file):
    """What the kernel said behind the beginning of this way."""
    lines = [e["message"].rstrip() for e in file.events if e["kind"] == "klog"]
    begun = f"oops-guest: {file.way}"
    return lines[lines.index(begun) + 1:] if begun in lines else []


def quiet(way):
    files = files_of(way)
    pid = pid_of_text(way)
    check([(file.value("reason"), file.value("pid")) for file in files] == [("oops", str(pid))],
          f"{way}: a file of it is there", str([file.name for file in files]))
    # It hangs in the midst of telling.
    text = [line.rstrip() for line in oops_text(said(way))]
    told = [line for line in messages(files[0]) if line in text] if files else []
    check(told == text[:len(told)] and len(told) > 10, f"{way}: with what was told of it",
          str(told))
    with open(f"{FOLDER}/{way}/before", encoding="utf-8") as f:
        check(f.read().count(".bin") == 1, f"{way}: the file was there while the CPU hung",
              "it wasn't")


def drain(way):
    files = files_of(way)
    check([(file.value("reason"), file.value("pid")) for file in files] ==
          [("oops", str(numbers(way, "pids")[0]))], f"{way}: a file of it is there",
          str([file.name for file in files]))
    text = "\n".join(oops_text(said(way)))
    check("null+" in text and "ttlog_klog_sync+" in text, f"{way}: in the midst of a drain", text)
    file = File(f"{FOLDER}/{way}/dumped")
    for cpu in range(4):
        check(file.is_declared(cpu), f"{way}: CPU {cpu}: another one is written afterwards",
              f"{file.flow(cpu)}")


CHECKS = {
    "null": plain, "bug": plain, "kthread": kthread, "work": work, "reserve": reserve,
    "probe": probe, "both": both, "once": plain, "stopped": plain,
    "meet": lambda way: several(way, 2),
    "twice": lambda way: several(way, 2, 2),
    "hundred": lambda way: several(way, 100, 2),
    "full": later, "readonly": later, "hang": hang,
    "quiet": quiet, "drain": drain,
    # The one that has more luck comes long after the hold.
    "oncefull": lambda way: later(way, held=False),
}

for each in WAYS:
    CHECKS[each](each)

# The shell tells of those who died, as they are to.
with open(f"{FOLDER}/said", encoding="utf-8") as f:
    text = "".join(line for line in f if not re.search(r"line \d+: +\d+ (Killed|Segmentation fault) ", line))
check(text == "", "nothing went wrong in the guest", text)
print(f"1..{count}")
sys.exit(failed)
