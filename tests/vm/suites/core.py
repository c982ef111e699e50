# SPDX-License-Identifier: GPL-2.0-only
"""What was read from memory dumps: core.py PROGRAMS OUT WAY... Prints TAP."""
import os
import re
import resource
import struct
import subprocess
import sys
import time

from report import (OUT, PROGRAMS, check, conclude, events_of, info_of, lines_of, read, value,
                    when)

WAYS = sys.argv[3:]
PT_LOAD, PT_NOTE = 1, 4
PAGE = 4096
GIB = 1 << 30


def run(*args):
    return subprocess.run(args, capture_output=True, text=True, check=False)


def on_terminal(*args):
    """What a program says to a terminal, and how long that took."""
    master, slave = os.openpty()
    begin = time.monotonic()
    with subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=slave) as program:
        os.close(slave)
        said = b""
        try:
            while part := os.read(master, 4096):
                said += part
        except OSError:        # all have closed the other end
            pass
    os.close(master)
    return said.decode(), time.monotonic() - begin


def dump(folder, core, *options):
    """Read a dump: what the program said, and the files that it wrote."""
    to = os.path.join(OUT, folder, "files")
    os.makedirs(to, exist_ok=True)
    for name in os.listdir(to):
        os.unlink(os.path.join(to, name))
    done = run(f"{PROGRAMS}/ttlog-dump", "--core", core, "-o", to, *options)
    return done, [os.path.join(to, name) for name in sorted(os.listdir(to))]


def bare(event):
    return {key: event[key] for key in event if key not in ("timestamp", "ns")}


def check_written(way, events):
    """What core-guest recorded: all of it, once, in order."""
    mine = [e for e in events if e["kind"] == "log"]
    numbers = [e["message"] for e in mine[:-1]]
    check(f"{way}: each event, once, in order",
          numbers == [f"event {i}" for i in range(200)] and
          [e["cpu"] for e in mine[:-1]] == [i % 2 for i in range(200)], numbers)
    last = mine[-1] if mine else {}
    check(f"{way}: fields, service and level",
          (last.get("message"), last.get("service"), last.get("level"), last.get("fields")) ==
          ("payment refused", "billing", "err", {"order": 1042, "by": "alice"}), last)
    hits = [e for e in events if e["kind"] == "probe"]
    check(f"{way}: the probe's hit, by its name",
          [(e["message"], e["fields"]) for e in hits] == [("panic_probed", {"arg1": 4711})], hits)


def check_host(way, info, trigger, reason):
    release, version, machine = re.fullmatch(
        r"(\S+) (.*) (\S+)", read(way, "uname").strip()).groups()
    check(f"{way}: machine and boot that it is of",
          (value(info, "hostname"), value(info, "release"), value(info, "version"),
           value(info, "machine"), value(info, "boot_id")) ==
          ("ttlog-vm", release, version, machine, read(way, "boot_id").strip()), info)
    check(f"{way}: trigger and reason",
          (value(info, "trigger"), value(info, "reason")) == (trigger, reason), info)


def same(a, b):
    """The same events; the clocks of a dump are told from its newest event."""
    return ([bare(e) for e in a] == [bare(e) for e in b] and
            all(abs(when(x) - when(y)) < 20_000_000 for x, y in zip(a, b)))


def segments(path):
    with open(path, "rb") as file:
        head = file.read(64)
        offset, = struct.unpack_from("<Q", head, 32)
        size, nr = struct.unpack_from("<HH", head, 54)
        file.seek(offset)
        table = file.read(size * nr)
    keys = ("type", "flags", "offset", "vaddr", "paddr", "filesz", "memsz", "align")
    return head, [dict(zip(keys, struct.unpack_from("<IIQQQQQQ", table, size * i)))
                  for i in range(nr)]


def make_elf(path, like, edit):
    """A dump as the other one, after edit(segments); "data" instead of its bytes: a hole
    where it is None."""
    head, parts = segments(like)
    for part in parts:
        part["from"] = part["offset"]
    parts = edit(parts)
    at = PAGE
    for part in parts:
        part["offset"] = at
        at += (part["filesz"] + PAGE - 1) // PAGE * PAGE
    head = bytearray(head)
    struct.pack_into("<QQ", head, 32, 64, 0)
    struct.pack_into("<HHH", head, 58, 0, 0, 0)
    struct.pack_into("<HH", head, 54, 56, len(parts))
    with open(path, "wb") as file, open(like, "rb") as old:
        file.write(head)
        for part in parts:
            file.write(struct.pack("<IIQQQQQQ", part["type"], part["flags"], part["offset"],
                                   part["vaddr"], part["paddr"], part["filesz"],
                                   part["memsz"], 0))
        file.truncate(at)
        for part in parts:
            if part["from"] is None:
                continue
            old.seek(part["from"])
            file.seek(part["offset"])
            left = part["filesz"]
            while left:
                data = old.read(min(left, 1 << 20))
                assert data
                if data.strip(b"\0"):
                    file.write(data)
                else:
                    file.seek(len(data), os.SEEK_CUR)
                left -= len(data)


def pages_with(path, magic):
    """Physical addresses and file offsets of pages that begin so."""
    found = []
    with open(path, "rb") as file:
        for part in segments(path)[1]:
            if part["type"] != PT_LOAD:
                continue
            file.seek(part["offset"])
            for at in range(0, part["filesz"], PAGE):
                if file.read(PAGE)[:8] == magic:
                    found.append((part["paddr"] + at, part["offset"] + at))
    return found


def check_large(elf, asked, size):
    """Nearly all of it a hole."""
    large = os.path.join(OUT, "memory", "large")
    hole = {"type": PT_LOAD, "flags": 7, "vaddr": 0, "paddr": 4 * GIB, "filesz": size * GIB,
            "memsz": size * GIB, "from": None}
    make_elf(large, elf, lambda parts: parts + [hole])
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done, files = dump("memory", large)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"# {after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime:.1f} s of CPU,"
          f" {after.ru_maxrss >> 10} MiB")
    check(f"{size} GiB: read like any other", done.returncode == 0 and len(files) == 1 and
          same(events_of(files[0]), asked), done)
    # The most that any program took here.
    check(f"{size} GiB: in bounded memory", after.ru_maxrss < 100 << 10, after.ru_maxrss)
    said, took = on_terminal(f"{PROGRAMS}/ttlog-dump", "--core", large, "-o",
                             os.path.join(OUT, "memory", "files"))
    # Each second; a line over the one before, and nothing of it in the end.
    told = re.fullmatch(r"((?:\rlooking for the recorder: \d+\.\d GiB )*)(?:\r {40}\r)?", said)
    lines = told[1].split("\r")[1:] if told else []
    print(f"# told {len(lines)} times in {took:.1f} s")
    check(f"{size} GiB: how far it is, on a terminal", told and len(lines) <= took + 1 and
          (bool(lines) or took < 2) and bool(lines) == said.endswith("\r") and
          sorted(lines, key=lambda line: float(line.split()[-2])) == lines, said, took)
    os.unlink(large)


def without(path, like, holes):
    """A dump that lacks these pages."""
    def edit(parts):
        out = []
        for part in parts:
            if part["type"] != PT_LOAD:
                out.append(part)
                continue
            at, end = part["paddr"], part["paddr"] + part["filesz"]
            for hole in sorted(h for h in holes if at <= h < end) + [end]:
                if hole > at:
                    skip = at - part["paddr"]
                    out.append(dict(part, **{"from": part["from"] + skip, "paddr": at,
                                             "vaddr": part["vaddr"] + skip,
                                             "filesz": hole - at, "memsz": hole - at}))
                at = hole + PAGE
        return out
    make_elf(path, like, edit)


def check_lacking(elf, asked):
    """What was filtered out of a dump."""
    lacking = os.path.join(OUT, "memory", "lacking")
    maps = pages_with(elf, b"ttlogMAP")
    rings = pages_with(elf, b"ttlogRNG")
    blocks = pages_with(elf, b"ttlogBLK")
    check("a map, and a ring of each CPU and channel and one of the kernel's log",
          len(maps) == 1 and len(rings) == 7, maps, rings)
    without(lacking, elf, [maps[0][0]])
    done, files = dump("memory", lacking)
    check("without its map: no file, and how to make a better dump",
          done.returncode == 3 and not files and "no recorder is in it" in done.stderr and
          "-d 31" in done.stderr, done, files)
    # One of the kernel's log that is in use.
    with open(elf, "rb") as file:
        klog = []
        for paddr, offset in blocks:
            file.seek(offset)
            head = file.read(152)
            if struct.unpack_from("<I", head, 16)[0] == 3 and \
               struct.unpack_from("<Q", head, 144)[0]:
                klog.append(paddr)
    without(lacking, elf, klog[:1])
    done, files = dump("memory", lacking)
    check("without a page of a block: said, with how many", done.returncode == 0 and
          "lacks 1 pages of the recorder" in done.stderr and "-d 31" in done.stderr, done)
    rest = events_of(files[0]) if files else []
    others = [bare(e) for e in asked if e["kind"] != "klog"]
    check("without a page of a block: all else is there",
          [bare(e) for e in rest if e["kind"] != "klog"] == others and
          len(rest) < len(asked), len(rest))
    os.unlink(lacking)


def check_forged(elf, asked):
    """A user's memory that looks like a recorder, newer than the real one, and like a
    ring of the real one: it stands beside it, and takes nothing away."""
    forged = os.path.join(OUT, "memory", "forged")
    maps = pages_with(elf, b"ttlogMAP")
    rings = pages_with(elf, b"ttlogRNG")
    free = []
    with open(elf, "rb") as file:
        for part in segments(elf)[1]:
            file.seek(part["offset"])
            for at in range(0, part["filesz"], PAGE):
                if len(free) < 40 and part["type"] == PT_LOAD and \
                   not file.read(PAGE).strip(b"\0") and part["paddr"] + at < rings[0][0]:
                    free.append((part["paddr"] + at, part["offset"] + at))
    subprocess.check_call(["cp", "--sparse=always", elf, forged])
    with open(forged, "r+b") as file:
        def page(offset):
            file.seek(offset)
            return bytearray(file.read(PAGE))

        def put(offset, data):
            file.seek(offset)
            file.write(data)
        # Rings of the right recorder, without its key.
        for (paddr, offset), ring in zip(free[:20], rings):
            copy = page(ring[1])
            struct.pack_into("<Q", copy, 88, 0x474e52676f6c7474)
            # Its other pages are nowhere: taken for the real one, it would lose them all.
            for at in range(320, PAGE, 8):
                struct.pack_into("<Q", copy, at, paddr // PAGE)
            put(offset, copy)
        # A whole map, of a recorder of its own.
        real = page(maps[0][1])
        size, frames_page, frames_offset, nr = struct.unpack_from("<QQQQ", real, 72)
        parts = {p["paddr"]: p for p in segments(elf)[1] if p["type"] == PT_LOAD}

        def offset_of(frame):
            return next(p["offset"] + frame * PAGE - start for start, p in parts.items()
                        if start <= frame * PAGE < start + p["filesz"])
        table = page(offset_of(frames_page))
        own = free[20:20 + nr]
        for i in range(nr):
            at = frames_offset % PAGE + 8 * i
            copy = page(offset_of(struct.unpack_from("<Q", table, at)[0]))
            if not i:
                struct.pack_into("<Q", copy, 80, own[frames_offset // PAGE][0] // PAGE)
                struct.pack_into("<Q", copy, 104, 1 << 62)
                copy[24:40] = b"forged by a user"
            put(own[i][1], copy)
        copy = page(own[frames_offset // PAGE][1])
        for i in range(nr):
            struct.pack_into("<Q", copy, frames_offset % PAGE + 8 * i, own[i][0] // PAGE)
        put(own[frames_offset // PAGE][1], copy)
    done, files = dump("memory", forged)
    good = [path for path in files if events_of(path)]
    check("forged ones: each is a file of its own", done.returncode == 0 and
          len(files) == 2 and len(good) == 1, done, files)
    check("forged ones: the real one is whole", good and same(events_of(good[0]), asked), good)
    os.unlink(forged)


def check_compressed(flat, asked):
    """makedumpfile's format, flattened and not; whole, and cut short."""
    done, files = dump("memory", flat)
    check("flattened: what was in the rings", done.returncode == 0 and len(files) == 1 and
          same(events_of(files[0]), asked) and done.stderr == "", done)
    left = os.listdir(os.path.join(OUT, "memory", "files"))
    check("flattened: nothing else is left", len(left) == 1, left)
    whole = os.path.join(OUT, "memory", "kdump")
    with open(flat, "rb") as file:
        subprocess.check_call(["makedumpfile", "-R", whole], stdin=file,
                              stdout=subprocess.DEVNULL)
    done, files = dump("memory", whole, "-r", "my-reason")
    check("compressed: what was in the rings", done.returncode == 0 and len(files) == 1 and
          same(events_of(files[0]), asked), done)
    check_host("memory", info_of(files[0]) if files else "", "request", "my-reason")
    # A file that ends too soon, as one does that has filled its disk.
    for path, said in (whole, "cannot read all of it"), (flat, "damaged or cut short"):
        size = os.path.getsize(path)
        for left, status in (size - 8192, 0), (size // 200, 3):
            os.truncate(path, left)
            done, files = dump("memory", path)
            check(f"{os.path.basename(path)} cut short: what is left of it, and a word ({status})",
                  done.returncode == status and len(files) == (status == 0) and
                  said in done.stderr, done, files)
    os.unlink(whole)
    os.unlink(flat)


def check_memory():
    elf = os.path.join(OUT, "memory", "elf")
    asked = events_of(os.path.join(OUT, "memory", "asked.bin"))
    check_written("asked", asked)
    done, files = dump("memory", elf)
    check("memory: a file, whose path is printed", done.returncode == 0 and len(files) == 1 and
          done.stdout == files[0] + "\n" and done.stderr == "", done, files)
    check("memory: what was in the rings", same(events_of(files[0]), asked),
          len(events_of(files[0])), len(asked))
    info = info_of(files[0])
    check_host("memory", info, "request", "panic")
    asked_info = info_of(os.path.join(OUT, "memory", "asked.bin"))
    ledgers = [re.sub(r"oldest: \d+", "", text[text.index("ledger:"):])
               for text in (info, asked_info)]
    check("memory: its ledger", ledgers[0] == ledgers[1], *ledgers)
    check_lacking(elf, asked)
    check_forged(elf, asked)
    check_large(elf, asked, 63 if "large" in WAYS else 1)
    flat = os.path.join(OUT, "memory", "kdump-zlib")
    if os.path.exists(flat):
        check_compressed(flat, asked)
    os.unlink(elf)


def check_full():
    """Rings that went round: what they hold, from both formats, and what they say is lost."""
    asked = events_of(os.path.join(OUT, "full", "asked.bin"))
    flood = [e for e in asked if e.get("service") == "flood"]
    for cpu in 0, 1:
        for level, last in ("warning", 20000), ("info", 50000):
            numbers = [int(e["message"]) for e in flood
                       if e["cpu"] == cpu and e["level"] == level]
            check(f"full, asked: CPU {cpu}: the newest of {level}", numbers and
                  1 < numbers[0] and numbers == list(range(numbers[0], last + 1)),
                  numbers[:1], numbers[-1:], len(numbers))
    check_written("full, asked", [e for e in asked if e.get("service") != "flood"])
    for form in "elf", "kdump-zlib":
        core = os.path.join(OUT, "full", form)
        if not os.path.exists(core):
            continue
        done, files = dump("full", core)
        check(f"full, {form}: what was in the rings", done.returncode == 0 and
              len(files) == 1 and done.stderr == "" and same(events_of(files[0]), asked), done)
        if len(files) == 1:
            lost = [re.findall(r"overwritten: (\d+)", text) for text in
                    (info_of(files[0]), info_of(os.path.join(OUT, "full", "asked.bin")))]
            check(f"full, {form}: how much was overwritten", lost[0] == lost[1] and
                  any(int(number) > 20000 for number in lost[0]), *lost)
        os.unlink(core)


def check_reserved():
    elf = os.path.join(OUT, "reserved", "elf")
    asked = events_of(os.path.join(OUT, "reserved", "asked.bin"))
    check_written("reserved, asked", asked)
    maps = pages_with(elf, b"ttlogMAP")
    check("reserved: it is there", [paddr for paddr, _ in maps] == [0x1a000000], maps)
    done, files = dump("reserved", elf)
    check("reserved: what was in the rings", done.returncode == 0 and len(files) == 1 and
          done.stderr == "" and same(events_of(files[0]), asked), done, files)
    check_host("reserved", info_of(files[0]) if files else "", "request", "panic")
    os.unlink(elf)


def check_wrong():
    def refused(name, path, status, text):
        done, files = dump("wrong", path)
        check(f"{name}: {text}", done.returncode == status and not files and
              path in done.stderr and text in done.stderr, done, files)
    refused("no file", "/nowhere/core", 1, "No such file or directory")
    refused("a folder", "/", 1, "cannot be read as a memory dump")
    refused("no dump", "/etc/passwd", 1, "cannot be read as a memory dump")
    done = run(f"{PROGRAMS}/ttlog-dump", "--core", "/etc/passwd", "-o", "/nowhere/")
    check("no folder to write to", done.returncode == 5 and "/nowhere/" in done.stderr, done)


def check_crash(way):
    files = [name for name in os.listdir(os.path.join(OUT, way)) if name.endswith(".bin")]
    said = read(way, "said") if os.path.exists(os.path.join(OUT, way, "said")) else "nothing"
    check(f"{way}: a file in the crash kernel, whose path is printed",
          len(files) == 1 and said == f"/out/{files[0]}\n" and read(way, "status") == "0\n",
          files, said, read(way, "guest"))
    if len(files) != 1:
        return
    path = os.path.join(OUT, way, files[0])
    events = events_of(path)
    check_host(way, info_of(path), "panic", "panic")
    check_written(way, events)
    lines = lines_of(read(way, "dmesg"))
    told = [line for e in events if e["kind"] == "klog" for line in e["message"].split("\n")]
    # An oops enters the crash kernel before it panics.
    last = "Oops: " if way in ("irq", "oops") else "Kernel panic - not syncing"
    # There the log's lock may be taken.
    old_nmi = way == "nmi" and read(way, "uname").startswith("5.10.")
    check(f"{way}: all that the kernel said, to the last line",
          (told == lines or (old_nmi and told == lines[:len(told)] and len(told) > 300)) and
          any(last in line for line in lines),
          [x for x in zip(told, lines) if x[0] != x[1]][:3], len(told), len(lines), lines[-3:])
    check(f"{way}: by time", [when(e) for e in events] == sorted(when(e) for e in events))
    begin, end = (float(word) for word in read(way, "took").split())
    print(f"# {end - begin:.1f} s in the crash kernel")
    done, files = dump(way, os.path.join(OUT, way, "dump"))
    check(f"{way}: the same from what makedumpfile kept", done.returncode == 0 and
          len(files) == 1 and events_of(files[0]) == events and done.stderr == "", done)
    os.unlink(os.path.join(OUT, way, "dump"))


check_wrong()
for each in WAYS:
    if each in ("memory", "large"):
        check_memory()
    elif each == "full":
        check_full()
    elif each == "reserved":
        check_reserved()
    else:
        check_crash(each)
conclude()
