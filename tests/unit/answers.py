# SPDX-License-Identifier: GPL-2.0-only
"""What the programs say of each answer that a device may give, and their exit status.
The device is preload/device.c, so that it gives answers that the module gives seldom,
or in other versions only."""
import errno
import os
import re
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from refuse import PRELOAD, USER, with_device
from snapfile import HELPERS, Tap, content

import cbor2

tap = Tap()
OTHER, NOT_LOADED, PERMISSION, FOLDER, FULL, VERSION, TIMEOUT = 1, 3, 4, 5, 6, 7, 8
TTLOG, TTLOGD = os.path.join(USER, "ttlog"), os.path.join(USER, "ttlogd")
STAT, DUMP, ADD = (TTLOG, "stat"), (TTLOG, "dump"), (TTLOG, "probe", "add", "vfs_read")
NO_BOOT = "00000000-0000-0000-0000-000000000000"
LOG = TTLOG, "log", "-s", "svc", "-f", "key=value", "hello"


def says(status, message, command, fake="", **env):
    """It ends with this status, having said just this message, or nothing."""
    got = with_device(command, fake, **env)
    program = os.path.basename(command[0])
    said = f"{program}: {message}\n" if message else ""
    tap.same((got.returncode, got.stderr), (status, said),
             f"{command[1:]} with '{fake}': {status}, {message.splitlines()[:1]}")
    return got.stdout


def error(name, number):
    return f"{name}={getattr(errno, number)}"


def opening():
    gone = "/dev/ttlog: there is no such device: the module ttlog isn't loaded"
    for number in ("ENOENT", "ENXIO", "ENODEV"):
        says(NOT_LOADED, gone, STAT, error("OPEN", number))
    for number in ("EACCES", "EPERM"):
        says(PERMISSION, "/dev/ttlog: no permission to read: root and the members of its "
             "group (ttlog) may", STAT, error("OPEN", number))
        says(PERMISSION, "/dev/ttlog: no permission to write: see its mode", LOG,
             error("OPEN", number))
    says(OTHER, "/dev/ttlog: Too many open files", STAT, error("OPEN", "EMFILE"))
    says(NOT_LOADED, "/dev/ttlog is no device: something was written there while the "
         "module ttlog wasn't loaded; remove it and load the module again", STAT, "file=1")


def versions():
    said = says(0, "", (TTLOG, "--version")).split()
    version = said[1]
    for number in ("ENOTTY", "E2BIG", "EINVAL"):
        says(VERSION, "/dev/ttlog: this is no ttlog module of ABI 1, which this program "
             f"({version}) is for", STAT, error("INFO", number))
    says(OTHER, "/dev/ttlog: cannot get its description: Input/output error", STAT,
         error("INFO", "EIO"))
    says(VERSION, "the module has ABI 2.4 and layout 2, this program "
         f"({version}) is for ABI 1.4 and layout 2", STAT, "abi_major=2")
    says(VERSION, "the module has ABI 1.4 and layout 9, this program "
         f"({version}) is for ABI 1.4 and layout 2", STAT, "layout=9")
    says(VERSION, f"the module has ABI 1.0, this program ({version}) needs ABI 1.1 or a "
         "later one of that major number", (TTLOGD, "--once"), "abi_minor=0")


def maps(folder):
    says(OTHER, "/dev/ttlog: a map of 5 bytes makes no sense", STAT, "map_size=5")
    says(VERSION, "/dev/ttlog: its map is none of layout 2", STAT, "magic=5")
    says(OTHER, "/dev/ttlog: cannot map it: Cannot allocate memory", STAT,
         error("MMAP", "ENOMEM"))
    says(OTHER, "/dev/ttlog: cannot bring the kernel's log up to date: Input/output error",
         STAT, error("SYNC", "EIO"))
    says(OTHER, "/dev/ttlog: cannot read a ledger: Input/output error", STAT,
         error("LEDGER", "EIO"))
    says(OTHER, "/dev/ttlog: cannot map a ring: Cannot allocate memory", STAT,
         error("MMAP_RING", "ENOMEM"), FAKE_RING=os.path.join(folder, "../ring"))
    says(OTHER, "/dev/ttlog: cannot find a ring: Input/output error", STAT,
         error("RING", "EIO"))
    says(OTHER, "/dev/ttlog: cannot get its description: Input/output error", STAT,
         error("INFO@2", "EIO"))
    # The first two are of the rings that are missing.
    says(OTHER, "/dev/ttlog: cannot read a ledger: Input/output error", STAT,
         error("LEDGER@3", "EIO"))
    # No possible CPU has this number: there is nothing to tell of it.
    out = says(0, "", (TTLOG, "stat", "--json"), error("RING", "EINVAL"))
    tap.ok('"rings":[],' in out, "no rings of CPUs that can't be")
    path = os.path.join(folder, "senseless.bin")
    out = says(0, "the ring of CPU 0, channel 0, makes no sense and is left out",
               (*DUMP, "-o", path), "senseless=1")
    rings = cbor2.loads(content(path))["ledger"]["rings"]
    tap.same((out, [(r["lost"]["filtered"], r["read"], r["oldest"]) for r in rings]),
             (path + "\n", [(4, 0, 3000000000), (4, 0, 0)]),
             "of a senseless ring its losses are told, and that all may be missing")
    says(OTHER, "/dev/ttlog: cannot find a ring: Input/output error",
         (*DUMP, "-o", folder), error("RING", "EIO"))
    long = os.path.join(folder, "x" * 256)
    says(OTHER, f"cannot name a file {long}: File name too long", (*DUMP, "-o", long))
    tap.same(os.listdir(folder), ["senseless.bin"], "and no file is left")
    path = os.path.join(folder, "ring.bin")
    says(0, "", (*DUMP, "-o", path), FAKE_RING=os.path.join(folder, "../ring"))
    events = cbor2.loads(content(path))["events"]
    tap.same([(e["message"], e["timestamp"]) for e in (events[0], events[-2], events[-1])],
             [("vfs_read+0x10", 1000), ("event 95", 1000), ("event 96", 3603000)],
             "a time that makes no sense is an hour ahead at most")
    os.unlink(path)


def moves(folder):
    """A CPU comes while rings are read: those that were are not read again."""
    found = []
    for name, fake in ("still.bin", ""), ("moved.bin", "moves=1"):
        path = os.path.join(folder, name)
        says(0, "", (*DUMP, "-o", path), fake, FAKE_RING=os.path.join(folder, "../ring"))
        whole = cbor2.loads(content(path))
        found.append((whole["ledger"]["rings"], whole["events"]))
        os.unlink(path)
    tap.same(len(found[0][1]), 100, "a ring with 100 events")
    tap.ok(found[0] == found[1], "and the same, once each, where the map has moved")


def host(root):
    """What the kernel says of itself can't be read."""
    path = "/proc/sys/kernel/random/boot_id"
    out = os.path.join(root, "out.bin")
    says(OTHER, f"cannot read {path}: No such file or directory", (*DUMP, "-o", out),
         FAKE_ROOT=root)
    os.makedirs(root + path)
    says(OTHER, f"cannot read {path}: Is a directory", (*DUMP, "-o", out), FAKE_ROOT=root)
    tap.ok(not os.path.exists(out), "and no file is left")


def writing():
    says(OTHER, "service 'svc': this user has named 16 services already, as many as one "
         "may", LOG, error("SERVICE", "EDQUOT"))
    says(OTHER, "service 'svc': 256 services have names already, as many as there can be "
         "until the module is loaded again", LOG, error("SERVICE", "ENOSPC"))
    says(OTHER, "/dev/ttlog: cannot name the service: Input/output error", LOG,
         error("SERVICE", "EIO"))
    says(OTHER, "the fields have 10 bytes; level, message and fields may have 12", LOG,
         "text_max=12")
    says(OTHER, "the message has 5 bytes, more than the 4 that fit beside level and "
         "fields (an event has at most 17)", LOG, "text_max=17")
    says(0, "", LOG, "text_max=18")
    got = subprocess.run([TTLOG, "log"], check=False, capture_output=True, text=True,
                         stdin=os.open("/", os.O_RDONLY),
                         env={**os.environ, "FAKE_DEVICE": "",
                              "LD_PRELOAD": os.path.join(PRELOAD, "device.so")})
    tap.same((got.returncode, got.stderr),
             (OTHER, "ttlog: standard input: Is a directory\n"), "input that can't be read")


def events(folder):
    """What is written, byte for byte."""
    path = os.path.join(folder, "events")
    for args, fake, text in (
            (("-p", "err", "a", "b"), "", b"<3>a b"), (("a\n",), "", b"<6>a\n\n"),
            (("a\n",), "text_max=5", b"<6>a\n"), (("-f", "k=\n", "a"), "",
                                                  b"<6>a\0k=\n\n")):
        says(0, "", (TTLOG, "log", *args), fake, FAKE_EVENTS=path)
        with open(path, "rb") as file:
            tap.same(file.read(), text, f"log {args} writes {text}")
        os.unlink(path)


def lines(folder):
    """What comes by standard input: an event a line, but those that are too long."""
    path = os.path.join(folder, "events")
    for text, fake, events_, message, status in (
            ("a\n\nbc", "", b"<6>a<6><6>bc", "", 0),
            ("abc\nabcd\n", "text_max=6", b"<6>abc", "line 2 is not recorded: it has 4 bytes, "
             "more than the 3 that fit beside level and fields (an event has at most 6)", OTHER),
            ("abcd\nabc\nabcde", "text_max=6", b"<6>abc", "line 1 is not recorded: it has 4 "
             "bytes, more than the 3 that fit beside level and fields (an event has at most 6)\n"
             "ttlog: line 3 is not recorded: it has 5 bytes, more than the 3 that fit beside "
             "level and fields (an event has at most 6)", OTHER)):
        got = subprocess.run([TTLOG, "log"], check=False, capture_output=True, text=True,
                             input=text, env={**os.environ, "FAKE_DEVICE": fake,
                                              "FAKE_EVENTS": path, "LD_PRELOAD":
                                              os.path.join(PRELOAD, "device.so")})
        with open(path, "rb") as file:
            tap.same((got.returncode, got.stderr, file.read()),
                     (status, f"ttlog: {message}\n" if message else "", events_),
                     f"lines {text!r} with '{fake}'")
        os.unlink(path)


def levels():
    says(PERMISSION, "no permission to set the levels: it takes CAP_SYS_ADMIN",
         (TTLOG, "level", "err"), error("LEVELS", "EPERM"))
    says(OTHER, "/dev/ttlog: cannot set the levels: Invalid argument",
         (TTLOG, "level", "err"), error("LEVELS", "EINVAL"))
    says(OTHER, "/dev/ttlog: cannot read the levels: Invalid argument",
         (TTLOG, "level"), error("LEVELS", "EINVAL"))


def requests(folder):
    tap.same(says(0, "", DUMP, "helper=1"), "/there/it/is\n", "the helper's path")
    for number, status, message in (
            ("ETIMEDOUT", TIMEOUT, "the helper had no snapshot after 30 s; it may still "
             "write one"),
            ("EAGAIN", OTHER, "16 requests are waiting for the helper already"),
            ("ENAMETOOLONG", OTHER, "the snapshot is written, but its path is too long to "
             "be told"),
            ("ENOSPC", FULL, "the helper could not write a snapshot: No space left on "
             "device"),
            ("EROFS", FOLDER, "the helper could not write a snapshot: Read-only file "
             "system"),
            ("EIO", OTHER, "the helper could not write a snapshot: Input/output error")):
        says(status, message, DUMP, "helper=1 " + error("REQUEST", number))
    says(OTHER, "the output's name is too long: 5000 bytes, at most 4095 are accepted",
         (*DUMP, "-o", "x" * 5000))
    says(FOLDER, f"there is no folder {folder}/none/", (*DUMP, "-o", folder + "/none/"))
    says(OTHER, "/dev/null exists and is not replaced", (*DUMP, "-o", "/dev/null"))
    says(FOLDER, "cannot make the folder /var/lib/ttlog: Permission denied", DUMP, "MKDIR=13")
    got = with_device(("env", "-C", folder, TTLOG, "dump", "-r", "why", "-t", "600", "-o", "name"))
    path = os.path.join(folder, "name")
    tap.same((got.returncode, got.stdout, got.stderr, cbor2.loads(content(path))["reason"]),
             (0, "name\n", "", "why"), "a name in the working directory, and a reason")
    os.unlink(path)
    unprintable(folder)


def unprintable(folder):
    """The file is there, so that its path is told, and the error once."""
    path = os.path.join(folder, "full.bin")
    for command, fake, written in ((DUMP, "helper=1", "/there/it/is"),
                                   ((*DUMP, "-o", path), "", path)):
        with open("/dev/full", "wb") as full:
            got = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True,
                                 check=False,
                                 env={**os.environ, "FAKE_DEVICE": fake,
                                      "LD_PRELOAD": os.path.join(PRELOAD, "device.so")})
        tap.same((got.returncode, got.stderr),
                 (OTHER, f"ttlog: {written} is written, but its path could not be printed: "
                  "No space left on device\n"), f"a path that can't be printed, with '{fake}'")
    os.unlink(path)


def probes():
    for number, status, message in (
            ("EPERM", PERMISSION, "no permission to set a probe: it takes CAP_SYS_ADMIN, "
             "and a kernel that isn't locked down"),
            ("EEXIST", OTHER, "'vfs_read' is probed so already: see 'ttlog probe list'"),
            ("EBUSY", OTHER, "the kernel's probes are switched off as a whole: write 1 to "
             "/sys/kernel/debug/kprobes/enabled"),
            ("ENOSPC", OTHER, "256 different probes were set already, as many as there "
             "can be until the module is loaded again"),
            ("EILSEQ", OTHER, "'vfs_read': no instruction of 'vfs_read' begins at that "
             "offset"),
            ("EIO", OTHER, "/dev/ttlog: cannot set a probe: Input/output error")):
        says(status, message, ADD, error("PROBE_ADD", number))
    says(OTHER, "256 different probes were set already, as many as there can be until the "
         "module is loaded again\nttlog: or triggers have 64 different reasons, as many as "
         "there can be at once", (*ADD, "--trigger"), error("PROBE_ADD", "ENOSPC"))
    for args, told in ((("--ret", "--level=err", "--sample=1/9"), "0: 0 args, flags 1, err, 1/9, "
                        "0/s, ''"),
                       (("--args=2", "--rate=5/s", "--trigger", "-l3"), "0: 2 args, flags 2, "
                        "err, 1/1, 5/s, 'probe'"),
                       (("--trigger=why", "-l", "err", "--args=0"), "0: 0 args, flags 2, err, "
                        "1/1, 0/s, 'why'")):
        got = with_device((*ADD, *args), "tell=1")
        tap.same((got.returncode, got.stdout, got.stderr), (0, "7\n", f"vfs_read+{told}\n"),
                 f"probe add {args}")
    delete = TTLOG, "probe", "del"
    says(0, "", (*delete, "vfs_read"))
    says(0, "", (*delete, "1"))
    says(OTHER, "no probe is set that is '9': see 'ttlog probe list'", (*delete, "9"))
    says(OTHER, "no probe is set that is 'vfs_read+16': see 'ttlog probe list'",
         (*delete, "vfs_read+16"))
    says(PERMISSION, "no permission to remove a probe: it takes CAP_SYS_ADMIN",
         (*delete, "1"), error("PROBE_DEL", "EPERM"))
    says(OTHER, "/dev/ttlog: cannot remove a probe: Input/output error",
         (TTLOG, "probe", "clear"), error("PROBE_DEL", "EIO"))
    says(OTHER, "/dev/ttlog: cannot list the probes: Input/output error",
         (*delete, "1"), error("PROBE_STAT", "EIO"))
    tap.same(says(OTHER, "/dev/ttlog: cannot list the probes: Input/output error",
                  (TTLOG, "probe", "list", "--json"), error("PROBE_STAT", "EIO")),
             "", "and no list is printed that has less than all")
    for what in ("list", "del", "clear"):
        says(NOT_LOADED, "/dev/ttlog: there is no such device: the module ttlog isn't "
             "loaded", (TTLOG, "probe", what, *["1"] * (what == "del")),
             error("OPEN", "ENOENT"))
    text = says(0, "", (TTLOG, "probe", "list")).splitlines()
    tap.same([line.split() for line in text[1:]],
             [["0", "vfs_read", "call,", "1/10", "err", "100", "90", "0", "-",
               "filtered=10"],
              ["1", "vfs_read", "call,", "1/10,", "5/s,", "gone", "err", "100", "90", "0",
               "slow", "filtered=10"]], "what probes record")
    for fake, what in (("args=1", "1 arg,"), ("args=2", "2 args,"), ("args=2 ret=1", "return,")):
        text = says(0, "", (TTLOG, "probe", "list"), fake)
        tap.ok(f" {what} 1/10 " in text, f"{fake}: {what}")
    lost = '"lost":{"filtered":10,' + ",".join(f'"{cause}":0' for cause in (
        "sampled", "limited", "too_large", "faulted", "held", "no_ring", "missed")) + "}}"
    one = ('"symbol":"vfs_read","offset":0,"return":false,"args":0,"level":"err",'
           '"sample":10,"rate":%s,"hits":100,"recorded":90,"missed":0,' + lost)
    tap.same(says(0, "", (TTLOG, "probe", "list", "--json")),
             '[{"id":0,' + one % '0,"gone":false' + ',{"id":1,' +
             one % '5,"trigger":"slow","gone":true' + "]\n", "as JSON")


KALLSYMS = """\
ffffffff81000000 T _stext
ffffffff81000100 T vfs_read
ffffffff81000200 T vfs_reads
ffffffff81000200 T vfs_reads
ffffffff81000210 T vfs_reada
ffffffff81000220 T vfs_readb
ffffffff81000230 T vfs_readc
ffffffff81000240 T vfs_readd
ffffffff81000250 T vfs_reade
ffffffff81000260 T twin
ffffffff81000270 t made.isra.0
ffffffff81000280 t made.cold
ffffffff81000300 D table
no line
ffffffff81000400 T _etext
ffffffffc0000000 t both\t[one]
ffffffffc0000100 t both\t[two]
ffffffffc0000180 t twin\t[two]
ffffffffc0000200 t own\t[ttlog]
ffffffffc0000300 t last\t[two]
"""


def symbols(root):
    def put(path, text):
        path = root + path
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)

    def add(status, message, place, fake=""):
        return says(status, message, (TTLOG, "probe", "add", place), fake, FAKE_ROOT=root)

    # Addresses that are hidden, but for one.
    put("/proc/kallsyms", "0000000000000000 T vfs_read\n0000000000000100 T vfs_write\n")
    add(0, "", "vfs_read+0x1000")
    os.unlink(root + "/proc/kallsyms")
    refused = error("PROBE_ADD", "EOPNOTSUPP")
    add(OTHER, "'vfs_read' can't be probed: the kernel refuses it", "vfs_read", refused)
    put("/proc/kallsyms", KALLSYMS)
    tap.same(add(0, "", "vfs_read"), "7\n", "the id is printed")
    add(OTHER, "there are 2 functions 'both', and a probe's name must be one's alone:\n"
        "  one:both\n  two:both", "both")
    add(OTHER, "there are 2 functions 'twin', and a probe's name must be one's alone:\n"
        "  twin in the kernel itself\n  two:twin", "twin")
    add(0, "", "two:both")
    add(0, "", "two:last+0x1000")
    add(OTHER, "offset +0x100 is beyond 'vfs_read', which has 256 bytes", "vfs_read+0x100")
    add(OTHER, "there is no function 'vfs_raed': misspelt, in a module that isn't loaded, "
        "or inlined everywhere; names like it:\n  vfs_read\n  vfs_reada\n  vfs_readb\n"
        "  vfs_readc\n  vfs_readd", "vfs_raed", error("PROBE_ADD", "ENOENT"))
    add(OTHER, "there is no function 'made': the compiler made another of it, which can be "
        "probed:\n  made.cold\n  made.isra.0", "made", error("PROBE_ADD", "ENOENT"))
    add(OTHER, "'table' is data: only functions can be probed", "table", refused)
    add(OTHER, "'none' can't be probed: the kernel refuses it", "none", refused)
    add(OTHER, "'ttlog:own' can't be probed: it is the recorder's own", "ttlog:own", refused)
    add(OTHER, "'vfs_read' can't be probed at +0x10: the kernel refuses it",
        "vfs_read+16", refused)
    put("/sys/kernel/debug/tracing/available_filter_functions", "other\nboth [one]\n")
    add(OTHER, "'vfs_read' can't be probed: it is marked notrace", "vfs_read", refused)
    put("/sys/kernel/debug/kprobes/blacklist",
        "no line\n0xffffffff81000108-0xffffffff81000120\tanother\n")
    add(OTHER, "'vfs_read' can't be probed: it is on the kernel's list of such functions "
        "(/sys/kernel/debug/kprobes/blacklist)", "vfs_read+8", refused)
    denied = error("PROBE_ADD", "EPERM")
    for text, locked in (("", False), ("none [integrity] confidentiality\n", False),
                         ("none integrity [confidentiality]\n", True)):
        put("/sys/kernel/security/lockdown", text)
        add(PERMISSION, "the kernel is locked down (confidentiality): it lets nobody set "
            "probes, root neither" if locked else "no permission to set a probe: it takes "
            "CAP_SYS_ADMIN, and a kernel that isn't locked down", "vfs_read", denied)


def once(folder):
    """The helper for automatic triggers, which writes one file and ends."""
    run = TTLOGD, "--once", "-o", folder
    says(OTHER, "/dev/ttlog has a helper already, and there can be only one", run,
         error("ONCE", "EBUSY"))
    says(PERMISSION, "/dev/ttlog: its helper needs CAP_SYSLOG", run, error("ONCE", "EPERM"))
    says(OTHER, "/dev/ttlog: cannot be its helper: Input/output error", run,
         error("ONCE", "EIO"))
    says(OTHER, "/dev/ttlog: cannot take a trigger: Input/output error", run,
         error("TAKE", "EIO"))
    says(0, "", run)
    for number, name in enumerate(("request", "oops", "probe", "level", "other")):
        got = with_device(run, f"trigger={number} " + error("DONE", "EIO") * (number == 2))
        file = os.path.join(folder, os.listdir(folder)[0])
        said = [f"{file} is written, {os.path.getsize(file)} bytes"] + \
            ["/dev/ttlog: cannot say that a trigger is served: Input/output error"] * \
            (number == 2)
        head = cbor2.loads(content(file))
        tap.same((got.returncode, got.stderr.splitlines(), head["trigger"], head["reason"]),
                 (0, ["ttlogd: " + line for line in said], name, "why"),
                 f"ttlogd --once: a trigger of kind {number}")
        os.unlink(file)
    with_device(run, "trigger=1 pid=4711")
    (name,) = os.listdir(folder)
    path = os.path.join(folder, name)
    tap.same((name[:11], cbor2.loads(content(path))["pid"]), ("ttlog-4711-", 4711),
             "whose trigger it was")
    os.unlink(path)
    says(OTHER, "/dev/ttlog: cannot find a ring: Input/output error\nttlogd: the snapshot "
         "'why' could not be read and will be tried again", run,
         "trigger=1 " + error("RING", "EIO"))


def at_its_end(folder, status, messages, fake, during=None, before=()):
    """The helper is told to end, and saves what is new. It has looked at how its
    predecessor ended before it says that it is there."""
    with subprocess.Popen(
            [TTLOGD, "-o", folder, "-t", "0"], stderr=subprocess.PIPE, text=True,
            env={**os.environ, "FAKE_DEVICE": fake, "FAKE_RING":
                 os.path.join(os.path.dirname(folder), "ring"),
                 "LD_PRELOAD": os.path.join(PRELOAD, "device.so")}) as helper:
        first = helper.stderr.readline()
        if during:
            during(helper)
        helper.send_signal(signal.SIGTERM)
        said = first + helper.stderr.read()
    tap.same((helper.returncode, said.splitlines()),
             (status, [f"ttlogd: {m}" for m in
                       (*before, f"attached, files go to {folder}", *messages)]),
             f"ttlogd at its end, with {fake}")


def ends(folder):
    io = "Input/output error"
    says(OTHER, f"attached, files go to {folder}\nttlogd: /dev/ttlog: cannot take a "
         f"trigger: {io}", (TTLOGD, "-o", folder, "-t", "0"), error("TAKE", "EIO"))
    learn = [f"/dev/ttlog: cannot learn where timer snapshots go on: {io}"]
    at_its_end(folder, OTHER, learn, error("READ", "EIO"), before=learn)
    discard = ["/dev/ttlog: cannot say whether the last timer snapshot was "
               f"finished: {io}"]
    at_its_end(folder, OTHER, discard, "prepared=1 " + error("DISCARD", "EIO"),
               before=discard)
    at_its_end(folder, FOLDER, [f"cannot find out in {folder} whether the last timer "
                                   "snapshot was finished: Not a directory"],
               "prepared=1 " + error("DISCARD@1", "EIO"), lambda _: replace(folder), discard)
    os.unlink(folder)
    bad = "No such file or directory"
    for make, found, bad in ((lambda: None, f"the folder {folder}: {bad}", bad),
                             (lambda: replace(folder), f"{folder} is no folder",
                              "Not a directory")):
        os.mkdir(folder)
        at_its_end(folder, FOLDER, [found, f"cannot read the folder {folder}: {bad}",
                                    f"cannot open the folder {folder}: {bad} (1 in a row)"],
                   "", lambda helper, make=make: reload(helper, folder, make))


def reload(helper, folder, make):
    """Ask it to look at its folder again, which is another now."""
    if os.path.isdir(folder):
        os.rmdir(folder)
    make()
    helper.send_signal(signal.SIGHUP)


def kept(folder):
    """Where no file can be made, the oops is kept, and lost at the end."""
    run = TTLOGD, "-o", "/proc", "-t", "0"
    bad = "cannot make a file in /proc: No such file or directory (%d in a row)"
    says(FOLDER, "\nttlogd: ".join((
        "attached, files go to /proc", bad % 1,
        "the snapshot 'why' is kept in memory and will be tried again", bad % 2,
        "the snapshot 'then' is lost: that of an oops is kept in memory", bad % 3, bad % 4,
        "the snapshot 'why' is lost: it was kept in memory only")),
         run, "trigger=1 then=3 stop=1")
    # The folder of who names none isn't asked for more than that.
    got = with_device((TTLOGD, "-t", "0", "--keep", "0"), "MKDIR=13 reload=1 stop=1")
    no = "ttlogd: cannot make the folder /var/lib/ttlog: Permission denied"
    tap.same((got.returncode, got.stderr.splitlines()[:3]),
             (0, [no, "ttlogd: attached, files go to /var/lib/ttlog", no]),
             "a default folder that can't be made is no reason to end")
    got = with_device((TTLOGD, "--once"), "MKDIR=13 FOLDER=2 trigger=1")
    tap.same((got.returncode, got.stderr.splitlines()), (FOLDER, [
        no, "ttlogd: cannot open the folder /var/lib/ttlog: No such file or directory (1 in "
        "a row)"]), "and is tried again for a file")
    previous = os.path.join(folder, "../previous")
    with open(previous, "wb") as file:
        subprocess.run([os.path.join(HELPERS, "regionmake"), "1", "1", "500"], stdout=file,
                       check=True)
    got = with_device((TTLOGD, "--once"), "MKDIR=13 FOLDER=2", FAKE_PREVIOUS=previous)
    tap.same((got.returncode, got.stderr.splitlines(), os.path.exists(previous)), (FOLDER, [
        no, "ttlogd: cannot save what an earlier boot left: the folder /var/lib/ttlog: No "
        "such file or directory"], True), "or for what an earlier boot left, which stays")


def first_told(folder):
    """Who waits for a file is told of it before older ones go for it."""
    for args, fake, said in (
            (("--once",), "trigger=1 DONE=5", "that a trigger is served"),
            (("-t", "0"), "stop=1 COMMIT=5", "how far timer snapshots have come")):
        with open(os.path.join(folder, "ttlog-1-20261101000000-timer.bin"), "wb") as file:
            file.write(bytes(1000))
        got = with_device((TTLOGD, "-o", folder, "--keep", "1", *args), fake,
                          FAKE_RING=os.path.join(folder, "../ring"))
        found = re.findall(r"is written|cannot say .*:|-timer.bin is removed", got.stderr)
        tap.same(found, ["is written", f"cannot say {said}:", "-timer.bin is removed"],
                 f"with {fake}: told, then one is removed")
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))


def boot(folder):
    """Where the kernel doesn't tell its boot's id what it recorded is saved without."""
    said = "cannot read /proc/sys/kernel/random/boot_id: No such file or directory"
    attached = f"attached, files go to {folder}"
    for args, fake, lines in (
            (("--once",), "trigger=1", (said,)),
            (("-t", "0"), "trigger=3 stop=1", (said, attached)),
            (("-t", "0"), "stop=1", (said, attached))):
        got = with_device((TTLOGD, "-o", folder, *args), fake, FAKE_ROOT=folder,
                          FAKE_RING=os.path.join(folder, "../ring"))
        paths = [os.path.join(folder, name) for name in os.listdir(folder)]
        lines = [f"ttlogd: {line}" for line in lines]
        tap.same((got.returncode, got.stderr.splitlines()[:len(lines)],
                  {content_id(path) for path in paths}), (0, lines, {(NO_BOOT, 100)}),
                 f"no boot id: ttlogd {args} with {fake}")
        for path in paths:
            os.unlink(path)


def content_id(path):
    head = cbor2.loads(content(path))
    return head["boot_id"], len(head["events"])


def told(folder):
    """The snapshot at the end, of which the module is told before and after."""
    run, ring = (TTLOGD, "-o", folder, "-t", "0"), os.path.join(folder, "../ring")
    attached, io = f"attached, files go to {folder}", "Input/output error"
    file = f"{folder}/ttlog-N-19700101000003-exit"
    for fake, status, nr, message in (
            ("", 0, 1, ""),
            ("COMMIT=5", OTHER, 1,
             f"/dev/ttlog: cannot say how far timer snapshots have come: {io}"),
            ("PREPARE=5", OTHER, 0, f"cannot say how far {file} comes: {io} (1 in a row)")):
        got = with_device(run, fake + " stop=1", FAKE_RING=ring)
        said = re.sub(r"ttlog-\d+-", "ttlog-N-", re.sub(r"\d+ bytes", "N bytes", got.stderr))
        lines = [attached] + [f"{file}.bin is written, N bytes"] * nr + [message] * bool(message)
        names = os.listdir(folder)
        tap.same((got.returncode, said.splitlines(), len(names)),
                 (status, ["ttlogd: " + line for line in lines], nr),
                 f"a snapshot at the end, with {fake}")
        for name in names:
            os.unlink(os.path.join(folder, name))
    ring = ring + ".open"
    with open(ring, "wb") as out:
        subprocess.run([os.path.join(HELPERS, "ringmake"), "open"], stdout=out, check=True)
    says(0, attached, run, "stop=1", FAKE_RING=ring)
    for op in "PREPARE", "COMMIT":
        says(OTHER, f"{attached}\nttlogd: /dev/ttlog: cannot say " + (
            "which events aren't committed" if op == "PREPARE" else
            "how far timer snapshots have come") + f": {io}", run, f"{op}=5 stop=1",
             FAKE_RING=ring)
    tap.same(os.listdir(folder), [], "an event that isn't committed makes no file")


def replace(folder):
    if os.path.isdir(folder):
        os.rmdir(folder)
    with open(folder, "wb"):
        pass


def main():
    with tempfile.TemporaryDirectory() as top:
        folder = os.path.join(top, "out")
        os.mkdir(folder)
        with open(os.path.join(top, "ring"), "wb") as ring:
            subprocess.run([os.path.join(HELPERS, "ringmake")], stdout=ring, check=True)
        opening()
        versions()
        maps(folder)
        os.unlink(os.path.join(folder, "senseless.bin"))
        moves(folder)
        host(os.path.join(top, "host"))
        writing()
        events(folder)
        lines(folder)
        levels()
        requests(folder)
        probes()
        symbols(os.path.join(top, "root"))
        once(folder)
        kept(folder)
        first_told(folder)
        boot(folder)
        told(folder)
        ends(folder)
    tap.done()


main()
