# SPDX-License-Identifier: GPL-2.0-only
"""Memory dumps that are made here, around what a recorder leaves in memory: what is read of
them, and each thing that is said. What libkdumpfile answers to none of these is answered by
preload/kdump.c. Dumps of whole machines are in suite/core."""
import os
import resource
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from dump import PAGE, PANIC, RUNS, elf, flat, recorder
from refuse import PRELOAD
from snapfile import TTLOG, Tap, load

tap = Tap()
OTHER, NOT_LOADED, FOLDER = 1, 3, 5
S390 = 22
RINGS, EVENTS = 4, 100	# RECORDER_RINGS and RECORDER_EVENTS of recorder.h
MAP_PAGES = 15		# RECORDER_MAP_PAGES
BETTER = ("makedumpfile leaves none of them out with -d 31 or a lower level, and without "
          "--config")


class Dumps:
    """A dump, and the folder for what is read of it."""

    def __init__(self, top):
        self.top, self.out, self.path = top, os.path.join(top, "out"), os.path.join(top, "core")
        os.mkdir(self.out)

    def put(self, dump):
        with open(self.path, "wb") as file:
            file.write(dump)

    def read(self, *args, output=None, **kwargs):
        return subprocess.run(
            [TTLOG, "dump", "-c", self.path, "-o", output or self.out, *args], text=True,
            capture_output=True, check=False, **kwargs)

    def take(self):
        """The files, the largest id first; they are removed."""
        heads = []
        for name in os.listdir(self.out):
            heads.append(load(os.path.join(self.out, name)))
            os.unlink(os.path.join(self.out, name))
        return sorted(heads, key=lambda head: head["recorder_id"], reverse=True)

    def says(self, status, message, what, dump=None, **kwargs):
        """It ends with this status, having said just this of the dump. Returns heads."""
        if dump is not None:
            self.put(dump)
        got = self.read(**kwargs)
        said = f"ttlog: {self.path}{message}\n" if message else ""
        tap.same((got.returncode, got.stderr), (status, said), what)
        return self.take()


def events(head):
    return [event["message"] for event in head["events"]]


ALL = [f"ring {ring}, event {nr} of a disk that is slow"
       for nr in range(EVENTS) for ring in range(RINGS)]


def wholes(dumps):
    """What is read of dumps that have all of it."""
    for state, info, trigger in ((RUNS, "", "request"), (PANIC, "", "panic"),
                                 (RUNS, "CRASHTIME=1700000000\n", "panic")):
        dumps.put(elf(recorder(0x11, state), info="OSRELEASE=6.1.0\n" + info))
        got = dumps.read()
        (name,) = os.listdir(dumps.out)
        (head,) = dumps.take()
        tap.same((got.returncode, got.stdout, got.stderr, head["trigger"], head["reason"]),
                 (0, f"{dumps.out}/{name}\n", "", trigger, "panic"), f"a dump: {trigger}")
        tap.ok(events(head) == ALL and head["recorder_id"] == "11" * 16 and
               head["hostname"] == "host.example", "all of it, and of which machine it is")
    got = dumps.read("-r", "why")
    tap.same((got.returncode, [head["reason"] for head in dumps.take()]), (0, ["why"]),
             "a reason that is given")
    # QEMU's of an arm64 doesn't say what its pages are.
    for machine in 183, 9999:
        (head,) = dumps.says(0, "", f"of machine {machine}", elf(recorder(0x11),
                                                                 machine=machine))
        tap.ok(events(head) == ALL, "all of it")


def several(dumps):
    two = elf(recorder(0x11), recorder(0x22, started=700, place=1))
    heads = dumps.says(0, "", "two recorders, into a folder", two)
    tap.same([(head["recorder_id"][:2], events(head) == ALL) for head in heads],
             [("22", True), ("11", True)], "a file each")
    name = os.path.join(dumps.out, "name")
    heads = dumps.says(0, ": there are 2 recorders in it: the newest is written; with a folder "
                       "as output all are", "two recorders, into a file", output=name)
    tap.same([head["recorder_id"][:2] for head in heads], ["22"], "the newest one")
    # The last but one is older than all others, and the last one newer.
    many = [recorder(nr, started={64: 99}.get(nr, 100 + nr), place=nr) for nr in range(66)]
    many = elf(*((at, content[:MAP_PAGES * PAGE]) for at, content in many))
    heads = dumps.says(0, ": there is more in it that looks like recorders than is looked at: "
                       "the newest 64, and the first 1048576 rings", "65 of them", many)
    tap.same([int(head["recorder_id"][:2], 16) for head in heads], [65, *range(63, 0, -1)],
             "the newest 64")


def lacking(dumps):
    none = (": no recorder is in it: the module ttlog (of ABI 1.2 or later) wasn't loaded, or "
            f"its pages were left out, or the file is cut short; {BETTER}")
    at, content = recorder(0x11)
    dumps.says(NOT_LOADED, none, "no recorder", elf((at, bytes(4 * PAGE))))
    # A page of its map, and the second one of its last ring's first block.
    for page, status, said, left in (
            (MAP_PAGES - 1, NOT_LOADED, none, []),
            (len(content) // PAGE - 3, 0, " lacks 1 pages of the recorder, or they were left "
             f"out as zeroes: {BETTER}", [RINGS * EVENTS - 39])):
        hole = page * PAGE
        heads = dumps.says(status, said, f"without page {page} of it",
                           elf((at, content[:hole]), (at + hole + PAGE, content[hole + PAGE:])))
        tap.same([len(head["events"]) for head in heads], left, "all else is there")


def cut_short(dumps):
    """Which an ELF file is that has filled its disk."""
    dump = elf(recorder(0x11))
    for left, events_ in ((len(dump) - 1, EVENTS * RINGS), (len(dump) - 3 * PAGE, 339),
                          (17 * PAGE, 0)):
        heads = dumps.says(0, f": cannot read all of it: it has {left} bytes of {len(dump)}",
                           f"{left} bytes of {len(dump)}", dump[:left])
        tap.same([len(head["events"]) for head in heads], [events_], "what is there is written")
    for what, at, status in ("a segment that is nowhere", 128, NOT_LOADED), ("no table", 32, OTHER):
        dumps.put(dump[:at] + b"\xff" * 8 + dump[at + 8:])
        got = dumps.read()
        tap.ok(got.returncode == status and "it has" not in got.stderr,
               f"{what}: no length is made up of that")
        dumps.take()


def endless(dumps):
    """A segment that is said to be larger than all memory is."""
    dump = elf(recorder(0x11))
    sizes = 64 + 56 + 32		# of the second part
    for size in (1 << 50, (1 << 64) - (1 << 24)):
        huge = dump[:sizes] + struct.pack("<QQ", size, size) + dump[sizes + 16:]
        dumps.put(huge)
        got = dumps.read(timeout=60)
        tap.ok(got.returncode == 0 and got.stderr.endswith(
            f"ttlog: {dumps.path}: cannot read all of it: it says that it has more pages than "
            "a file of its size can hold\n"), f"{size} bytes of memory: {got.stderr}")
        heads = dumps.take()
        tap.same([len(head["events"]) for head in heads], [RINGS * EVENTS], "what is there is "
                 "written")


def foreign(dumps):
    """What isn't of a machine that it runs on, or no dump."""
    bad = ": cannot be read as a memory dump, ELF or makedumpfile's: "
    dumps.says(OTHER, " is of a big-endian machine: little-endian ones are accepted",
               "a big-endian one", elf(recorder(0x11), order=">", machine=S390))
    for size in 1024, 131072:
        dumps.says(OTHER, f" has pages of {size} bytes: 4096 to 65536 are accepted",
                   f"pages of {size} bytes",
                   elf(recorder(0x11), info=f"OSRELEASE=6.1.0\nPAGESIZE={size}\n"))
    dumps.put(elf(recorder(0x11)))
    for output, message in (("/proc", "cannot make a file in /proc: No such file or directory"),
                            (f"{dumps.top}/none/", f"there is no folder {dumps.top}/none/")):
        got = dumps.read(output=output)
        tap.same((got.returncode, got.stderr), (FOLDER, f"ttlog: {message}\n"), message)
    dumps.put(b"no dump")
    got = dumps.read()
    tap.ok(got.returncode == OTHER and got.stderr.startswith(f"ttlog: {dumps.path}{bad}") and
           got.stderr.count("\n") == 1, f"no dump: {got.stderr}")
    os.unlink(dumps.path)
    dumps.says(OTHER, ": No such file or directory", "no file")
    os.symlink(dumps.path, dumps.path)
    dumps.says(OTHER, ": Too many levels of symbolic links", "a link to itself")
    os.unlink(dumps.path)


def flattened(dumps):
    dump = elf(recorder(0x11))
    (head,) = dumps.says(0, "", "a flattened one", flat(dump))
    tap.ok(events(head) == ALL, "all of it")
    cut = ": the flattened dump is damaged or cut short"
    for what, content in (("which lacks its end", flat(dump)[:-1]),
                          ("with a piece that is too far", flat(dump, (2 ** 63, 0))),
                          ("with one that is too large", flat(dump, (1, 2 ** 63 - 1)))):
        (head,) = dumps.says(0, cut, what, content)
        tap.ok(events(head) == ALL, "what can be read is read")
    dumps.says(FOLDER, ": cannot make what can be read out of the flattened dump, in /proc: No "
               "such file or directory", "into a folder for no files", flat(dump),
               output="/proc")
    dumps.says(OTHER, ": cannot make what can be read out of the flattened dump, in "
               f"{dumps.out}: File too large", "and no room for what is in it",
               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (PAGE, PAGE)))


def libraries(dumps):
    """One that isn't there, or isn't it, and one that has other answers."""
    folder = os.path.join(dumps.top, "lib")
    os.mkdir(folder)
    library = os.path.join(folder, "libkdumpfile.so.10")
    dumps.put(elf(recorder(0x11)))

    def says(status, message, what, fake=""):
        got = dumps.read(env={**os.environ, "LD_LIBRARY_PATH": folder, "FAKE_KDUMP": fake})
        tap.same((got.returncode, got.stderr, os.listdir(dumps.out)),
                 (status, f"ttlog: {message}\n", []), what)

    with open(library, "wb"):
        pass
    says(OTHER, "memory dumps are read by libkdumpfile, which can't be loaded: "
         f"{library}: file too short", "no library")
    os.unlink(library)
    os.symlink(os.path.join(PRELOAD, "no-memory.so"), library)
    says(OTHER, f"libkdumpfile.so.10: {library}: undefined symbol: kdump_new",
         "a library without what is needed")
    os.unlink(library)
    os.symlink(os.path.join(PRELOAD, "kdump.so"), library)
    none = f"{dumps.path}: no recorder is in it: "
    for fake, what in ("", "a page that is there in part"), ("map", "the beginning of a map"):
        got = dumps.read(env={**os.environ, "LD_LIBRARY_PATH": folder, "FAKE_KDUMP": fake})
        tap.ok(got.returncode == NOT_LOADED and got.stderr.startswith(f"ttlog: {none}") and
               got.stderr.count("\n") == 1, what)
    says(OTHER, "reading a memory dump: Cannot allocate memory", "no memory for it", "new")
    for fake, doing in (("file.mmap_policy", "be read as a memory dump, ELF or makedumpfile's"),
                        ("arch.page_size", "find out its page size"),
                        ("file.pagemap", "find out which pages are in it")):
        says(OTHER, f"{dumps.path}: cannot {doing}: as was told", f"{fake} fails", fake)
        says(OTHER, f"{dumps.path}: cannot {doing}: no reason given", "and no reason is given",
             fake + " why")
    got = dumps.read(env={**os.environ, "LD_LIBRARY_PATH": folder, "FAKE_KDUMP": "read"})
    tap.ok(got.returncode == NOT_LOADED and got.stderr.startswith(
        f"ttlog: {dumps.path}: cannot read all of it: as was told\nttlog: {none}") and
           got.stderr.count("\n") == 2, "a page that can't be read")


def main():
    with tempfile.TemporaryDirectory() as top:
        dumps = Dumps(top)
        wholes(dumps)
        several(dumps)
        lacking(dumps)
        cut_short(dumps)
        endless(dumps)
        foreign(dumps)
        flattened(dumps)
        libraries(dumps)
    tap.done()


main()
