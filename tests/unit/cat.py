# SPDX-License-Identifier: GPL-2.0-only
"""ttlog cat: several files as one stream, filters, forms of output, terminals."""
import csv
import io
import json
import os
import pty
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
import cbor2
from snapfile import TTLOG, Tap, ttlog

tap = Tap()
# 2020-11-30 13:14:15 UTC, in ms.
NOON = 1606742055000
OTHER, USAGE = 1, 2

LOG = {"timestamp": NOON, "level": "warning", "message": "slow disk", "ns": 123456,
       "cpu": 1, "pid": 118, "tid": 119, "uid": 1000, "cgroup": 2 ** 40, "comm": "worker",
       "service": "billing", "async": True, "demoted": True,
       "fields": {"dev": "sda", "ms": 900}}
KLOG = {"timestamp": NOON + 1, "level": "alert", "message": "BUG: x", "kind": "klog",
        "cpu": 0, "pid": 0, "comm": "kernel", "fields": {"seq": 369}}
PROBE = {"timestamp": NOON + 2, "level": "notice", "message": "vfs_read", "kind": "probe",
         "cpu": 0, "pid": 7, "comm": "rm", "fields": {"ret": -2}}
HOSTILE = {"timestamp": NOON + 3, "level": "err", "cpu": 2, "pid": 9, "comm": "a b",
           "message": "q\"uote b\\ack\nnew\ttab \x1b[31m\0nul \u202e\u20ac",
           "service": "x,y\"z",
           "fields": {"a b=\"c": "k", "": "e", "level": "emerg", "pid": 1,
                      "big": 2 ** 64 - 1, "low": -2 ** 63, "half": 0.5, "one": 1.0,
                      "yes": True, "none": None, "raw": b"\xff\0", "many": [1, "x=y", None],
                      "line": "one\ntwo", "empty": "", "nul": "a\0b", "semi": "a,b"}}
RAW = {"timestamp": NOON + 4, "level": "debug", "message": "\ufffdx", "cpu": 0, "pid": 1,
       "comm": "c", "message_raw": b"\xffx\n"}
ALL = [LOG, KLOG, PROBE, HOSTILE, RAW]
BOOT = "01234567-89AB-4cde-8f01-23456789abcd"
# At the snapshot, a second later, the machine was up for 10 s.
TAIL = {"boot_id": BOOT, "clocks": {"mono": 10 ** 10, "boot": 10 ** 10,
                                    "real": (NOON + 1000) * 10 ** 6}}


def lz4(data):
    return subprocess.run(["lz4", "-q", "-c", "-B4", "-BX"], input=data,
                          stdout=subprocess.PIPE, check=True).stdout


def snapshot(events, **more):
    return lz4(cbor2.dumps({"service": "s", "hostname": "host.example", "events": events,
                            **more}))


def write(folder, name, events, **more):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(snapshot(events, **more))
    return path


def simple(message, time, **more):
    return {"timestamp": NOON + time, "level": "info", "message": message, "cpu": 0,
            "pid": 1, "comm": "c", **more}


def name(number, reason="timer"):
    return f"ttlog-1-202011301314{number:02}-{reason}.bin"


def messages(got):
    """Of JSON lines, as one text."""
    return " ".join(json.loads(line)["message"] for line in got.stdout.splitlines())


def merged(folder):
    a = write(folder, name(1), [simple("a1", 1), simple("a2", 4), simple("a3", 9)])
    b = write(folder, name(2), [simple("b1", 2), simple("b2", 4), simple("b3", 5)])
    c = write(folder, "other", [simple("c1", 0), simple("c2", 4)])
    for what, args, expected in (
            ("two files", (a, b), "a1 b1 a2 b2 b3 a3"),
            ("in the other order", (b, a), "a1 b1 b2 a2 b3 a3"),
            ("a folder", (folder,), "a1 b1 a2 b2 b3 a3"),
            ("a folder and a file", (c, folder), "c1 a1 b1 c2 a2 b2 b3 a3"),
            # Whether it's the same event can't be known.
            ("a file twice", (b, b), "b1 b1 b2 b2 b3 b3"),
            ("the last four", ("-n", "4", a, b), "a2 b2 b3 a3"),
            ("the last one", ("--lines=1", a, b), "a3"),
            ("more than there are", ("-n", "1000000", a), "a1 a2 a3"),
            ("the last of what passes", ("-n", "2", "-g", "^b", a, b), "b2 b3")):
        got = ttlog("cat", "-j", *args)
        tap.same((got.returncode, got.stderr, messages(got)), (0, b"", expected), what)
    with open(a, "rb") as file:
        got = ttlog("cat", "-j", "-", b, stdin=file)
    tap.same(messages(got), "a1 b1 a2 b2 b3 a3", "standard input and a file")
    got = ttlog("cat", "-j", b, "-", input=snapshot([simple("p1", 3)]))
    tap.same(messages(got), "b1 p1 b2 b3", "a file and a pipe")
    got = ttlog("cat", "-o", "text", a, c)
    tap.same(got.stdout.decode().splitlines()[0],
             "2020-11-30T13:14:15.000000000Z cpu0 info c[1] uid=0: c1", "as text")
    got = ttlog("cat", "--info", a, c)
    tap.same(got.stdout.count(b'hostname: "host.example"'), 2, "--info has each for itself")


def damaged(folder):
    good = write(folder, name(1), [simple("a1", 1), simple("a2", 4)])
    bad = write(folder, name(2), [simple("b1", 2), simple("b2", 5)])
    os.truncate(bad, os.path.getsize(bad) - 4)
    for args in ((good, bad), (bad, good), (folder,), ("-n", "9", folder)):
        got = ttlog("cat", "-j", *args)
        tap.same((got.returncode, messages(got), got.stderr.count(b"\n"),
                  b": cut off in the end mark" in got.stderr),
                 (OTHER, "a1 b1 a2 b2", 1, True), "one is damaged: all is there, once said")
    # Times that go back.
    wild = write(folder, "wild", [simple("w1", 2), simple("w2", 100), simple("w3", 0)])
    got = ttlog("cat", "-j", good, wild)
    tap.same((got.returncode, messages(got)), (0, "a1 w1 a2 w2 w3"), "times that go back")


def many_files(folder):
    for i in range(60):
        write(folder, name(i), [simple(f"m{i}", i)])

    def limited(soft, hard, *args):
        return subprocess.run(
            [TTLOG, "cat", "-j", *args, folder], capture_output=True, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard)))

    expected = " ".join(f"m{i}" for i in range(60))
    got = limited(40, 1024)
    tap.same((got.returncode, got.stderr, messages(got)), (0, b"", expected),
             "60 files where 40 may be open, but more be asked for")
    got = limited(64, 64)
    tap.same((got.returncode, got.stdout, got.stderr.decode()),
             (OTHER, b"", "ttlog: 60 files: 32 at a time are accepted, as only 64 may be open "
              "(ulimit -Hn)\n"), "where no more may be")
    got = limited(64, 64, "--info")
    tap.same((got.returncode, got.stdout.count(b"\n")), (0, 60), "--info opens one at a time")


def filters(folder):
    path = write(folder, "all", ALL)
    for args, expected in (
            (("-p", "err"), "k h"), (("-p", "warning..notice"), "l p"),
            (("-s", "billing"), "l"), (("-s", "kernel", "--service=rm"), "k p"),
            (("--pid=9", "--pid=7"), "p h"), (("--uid=0",), "p h r"),
            (("--comm=worker",), "l"), (("--cpu=0",), "p r"),
            (("--kind=klog",), "k"), (("--channel=probe", "--channel=klog"), "k p"),
            (("--channel=keep",), "h"), (("--channel=flow",), "l r"),
            (("-S", "2020-11-30 13:14:15.001Z", "-U", "2020-11-30T13:14:15.002Z"), "k p"),
            (("--since=00:00", "-p", "err"), ""),
            (("-S", "2020-11-30 14:14:15.003"), "h r"),
            (("-S", "@1606742055.000123456"), "l k p h r"),
            (("-S", "@1606742055.000123457"), "k p h r"), (("-S", "now"), ""),
            (("-f", "ms>100"), "l"), (("-f", "dev=sda", "-f", "ms>900"), ""),
            (("-f", "ret<0"), "p"), (("-f", "big=18446744073709551615"), "h"),
            (("-f", "big<18446744073709551615"), ""), (("-f", "seq"), "k"),
            (("-g", "SLOW"), ""), (("-g", "bug|disk"), "l k"), (("-g", "BUG"), "k"),
            (("-g", "x", "-p", "debug..debug"), "r"), ((), "l k p h r")):
        got = ttlog("cat", "-j", *args, path, env={**os.environ, "TZ": "CET-1"})
        kinds = {m["message"]: kind for m, kind in zip(ALL, "lkphr")}
        seen = " ".join(kinds[json.loads(line)["message"]] for line in got.stdout.splitlines())
        tap.same((got.returncode, got.stderr, seen), (0, b"", expected), " ".join(args))


def refused(folder):
    path = write(folder, "all", ALL)
    for args, message in (
            (("-p", "loud"), "priority 'loud': LEVEL, for it and all that is worse, and "
             "LEVEL..LEVEL are accepted; levels are emerg, alert, crit, err, warning, notice, "
             "info, debug or 0 to 7\n"),
            (("--pid", "x"), "pid 'x': 0 to 4294967295 are accepted"),
            (("--kind", "x"), "kind 'x': log, probe and klog are accepted"),
            (("-S", "soon"), "since 'soon': accepted are YYYY-MM-DD, HH:MM"),
            (("-U", "-5"), "until '-5': accepted are YYYY-MM-DD, HH:MM"),
            (("-f", "a>b"), "field 'a>b': '>' takes a number behind it; KEY, KEY=VALUE,"),
            (("-f", ""), "field '': KEY, KEY=VALUE,"),
            (("--channel", "x"), "channel 'x': keep, flow, klog and probe are accepted"),
            (("-g", "("), "pattern '(': Unmatched ( or \\(; an extended"),
            (("-n", "0"), "lines '0': 1 to 1000000 are accepted"),
            (("-n", "1000001"), "lines '1000001': 1 to 1000000 are accepted"),
            (("-n", "-1"), "lines '-1': 1 to 1000000 are accepted"),
            (("-o", "xml"), "output 'xml': text, json, logfmt, export and csv are accepted"),
            (("--color=red",), "color 'red': auto, always and never are accepted"),
            (("--info", "-p", "err"), "with --info there are no events to choose from"),
            (("--info", "-n", "1"), "with --info there are no events to choose from"),
            (("--info", "-o", "csv"), "output 'csv': with --info text and json are accepted")):
        got = ttlog("cat", *args, path)
        tap.ok(got.returncode == USAGE and f"ttlog cat: {message}" in got.stderr.decode() and
               not got.stdout, f"{' '.join(args)}: {message}")
    if not os.path.exists("/var/lib/ttlog"):
        got = ttlog("cat")
        tap.same((got.returncode, got.stdout, got.stderr),
                 (OTHER, b"", b"ttlog: /var/lib/ttlog: No such file or directory\n"),
                 "without a file it is the default folder")
    out, status = on_terminal("-o", "export", path)
    tap.same((out.splitlines()[0], status), (
        "ttlog cat: output 'export': it has control characters as they are; a file or a pipe is "
        "accepted as standard output", USAGE), "no export to a terminal")


def logfmt(folder):
    got = ttlog("cat", "-o", "logfmt", write(folder, "all", ALL))
    start = "time=2020-11-30T13:14:15."
    tap.same(got.stdout.decode().splitlines(), [
        start + "000123456Z level=warning kind=log cpu=1 pid=118 tid=119 uid=1000 "
        "cgroup=1099511627776 async=true demoted=true comm=worker service=billing msg=\"slow disk\" "
        "dev=sda ms=900",
        start + "001000000Z level=alert kind=klog service=kernel msg=\"BUG: x\" seq=369",
        start + "002000000Z level=notice kind=probe cpu=0 pid=7 uid=0 comm=rm service=rm "
        "msg=vfs_read ret=-2",
        start + "003000000Z level=err kind=log cpu=2 pid=9 uid=0 comm=\"a b\" "
        "service=\"x,y\\\"z\" "
        "msg=\"q\\\"uote b\\\\ack\\nnew\\ttab \\u001b[31m\\u0000nul \\u202e\u20ac\" "
        "a_b__c=k _=e fields.level=emerg fields.pid=1 big=18446744073709551615 "
        "low=-9223372036854775808 half=0.5 one=1.0 yes=true none fields.raw=ff00 many=1 "
        "many=\"x=y\" many line=\"one\\ntwo\" empty=\"\" nul=\"a\\u0000b\" semi=a,b",
        start + "004000000Z level=debug kind=log cpu=0 pid=1 uid=0 comm=c service=c "
        "msg=\"\ufffdx\" raw=ff780a"], "logfmt")


def comma(folder):
    got = ttlog("cat", "-o", "csv", write(folder, "all", ALL))
    lines = got.stdout.decode().split("\r\n")
    tap.same(lines.pop(), "", "CSV: each line ends with CR and LF")
    tap.same(lines[:3], [
        "time,level,kind,cpu,pid,tid,uid,cgroup,async,demoted,comm,service,message,fields",
        "2020-11-30T13:14:15.000123456Z,warning,\"log\",1,118,119,1000,1099511627776,true,true,"
        "\"worker\",\"billing\",\"slow disk\",\"{\"\"dev\"\":\"\"sda\"\",\"\"ms\"\":900}\"",
        "2020-11-30T13:14:15.001000000Z,alert,\"klog\",,,,,,,,,\"kernel\",\"BUG: x\","
        "\"{\"\"seq\"\":369}\""], "CSV: header and lines")
    rows = list(csv.DictReader(io.StringIO(got.stdout.decode(), newline="")))
    tap.same((len(lines), len(rows)), (6, 5), "CSV: an event is a line")
    hostile = rows[3]
    tap.same(hostile["service"], "x,y\"z", "CSV: commas and quotes")
    tap.same(hostile["message"],
             "q\"uote b\\\\ack\\nnew\\ttab \\x1b[31m\\x00nul \\u{202e}\u20ac",
             "CSV: what is escaped")
    tap.same(json.loads(hostile["fields"]), {
        **HOSTILE["fields"], "raw": {"bytes": "ff00"}}, "CSV: fields with their types")
    tap.same((rows[4]["message"], rows[4]["fields"]), ("\\xffx\\n", ""),
             "CSV: what isn't UTF-8, and no fields")
    got = ttlog("cat", "-o", "csv", write(folder, "none", []))
    tap.same(got.stdout.count(b"\r\n"), 1, "CSV: a header without events")


def entries(data):
    """Of the journal's export format, as lists of names and values."""
    at, entry = 0, []
    while at < len(data):
        end = data.index(b"\n", at)
        line = data[at:end]
        at = end + 1
        if not line:
            yield entry
            entry = []
        elif b"=" in line:
            entry.append(tuple(line.split(b"=", 1)))
        else:
            size, = struct.unpack_from("<Q", data, at)
            entry.append((line, data[at + 8:at + 8 + size]))
            at += 8 + size + 1
            if data[at - 1:at] != b"\n":
                raise ValueError(f"no end of line behind {line}")
    if entry:
        raise ValueError("the last entry has no end")


def export(folder):
    path = write(folder, "all", ALL, **TAIL)
    got = ttlog("cat", "-o", "export", path)
    all_entries = list(entries(got.stdout))
    tap.same((got.returncode, got.stderr, len(all_entries)), (0, b"", 5), "export: all events")
    tap.same(got.stdout[:got.stdout.index(b"\n\n") + 2].decode(), """\
__REALTIME_TIMESTAMP=1606742055000123
__MONOTONIC_TIMESTAMP=9000123
_BOOT_ID=0123456789ab4cde8f0123456789abcd
TTLOG_TIME=2020-11-30T13:14:15.000123456Z
TTLOG_HOSTNAME=host.example
PRIORITY=4
SYSLOG_IDENTIFIER=billing
MESSAGE=slow disk
TTLOG_KIND=log
SYSLOG_PID=118
TTLOG_CPU=1
TTLOG_PID=118
TTLOG_TID=119
TTLOG_UID=1000
TTLOG_CGROUP=1099511627776
TTLOG_COMM=worker
TTLOG_ASYNC=true
TTLOG_DEMOTED=true
TTLOG_FIELDS={"dev":"sda","ms":900}
TTLOG_FIELD_DEV=sda
TTLOG_FIELD_MS=900

""", "export: an entry")
    tap.same([key for key, _ in all_entries[1]],
             [b"__REALTIME_TIMESTAMP", b"__MONOTONIC_TIMESTAMP", b"_BOOT_ID", b"TTLOG_TIME",
              b"TTLOG_HOSTNAME", b"PRIORITY", b"SYSLOG_IDENTIFIER", b"MESSAGE", b"TTLOG_KIND",
              b"TTLOG_FIELDS", b"TTLOG_FIELD_SEQ"], "export: the kernel's lines have no task")
    hostile = all_entries[3]
    tap.same(dict(hostile)[b"MESSAGE"], HOSTILE["message"].encode(), "export: a message")
    tap.same(json.loads(dict(hostile)[b"TTLOG_FIELDS"]),
             {**HOSTILE["fields"], "raw": {"bytes": "ff00"}}, "export: fields with their types")
    tap.same([pair for pair in hostile if pair[0].startswith(b"TTLOG_FIELD_")], [
        (b"TTLOG_FIELD_" + key, value) for key, value in (
            (b"A_B__C", b"k"), (b"", b"e"), (b"LEVEL", b"emerg"), (b"PID", b"1"),
            (b"BIG", b"18446744073709551615"), (b"LOW", b"-9223372036854775808"),
            (b"HALF", b"0.5"), (b"ONE", b"1.0"), (b"YES", b"true"), (b"NONE", b""),
            (b"RAW", b"\xff\0"), (b"MANY", b"1"), (b"MANY", b"x=y"), (b"MANY", b""),
            (b"LINE", b"one\ntwo"), (b"EMPTY", b""), (b"NUL", b"a\0b"), (b"SEMI", b"a,b"))],
             "export: each field")
    tap.same(dict(all_entries[4])[b"MESSAGE"], b"\xffx\n", "export: a message of bytes")
    got = ttlog("cat", "-o", "export", "-", input=snapshot(ALL, **TAIL))
    tap.same(list(entries(got.stdout)), all_entries, "export: of a pipe, likewise")

    def no_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (32768, 32768))

    got = ttlog("cat", "-o", "export", "-", input=os.urandom(100000), preexec_fn=no_room)
    tap.same((got.returncode, got.stdout, got.stderr.decode()),
             (OTHER, b"", "ttlog: standard input: cannot copy it to a temporary file: "
              "File too large\n"), "export: of a pipe, without room")
    limits(folder)
    origins(folder)


def limits(folder):
    fields = {"k" * 100: 1, **{f"f{i}": i for i in range(1000)}}
    got = ttlog("cat", "-o", "export", write(folder, "many", [simple("m", 0, fields=fields)]))
    entry, = entries(got.stdout)
    names = [key for key, _ in entry]
    tap.same((len(json.loads(dict(entry)[b"TTLOG_FIELDS"])), len(names), names[-512]),
             (1001, 527, b"TTLOG_FIELD_" + b"K" * 52), "export: no more than the journal takes")


def origins(folder):
    """What isn't known of it isn't there."""
    def start(**tail):
        path = write(folder, "origin", [simple("m", 0), simple("n", 1)], **tail)
        got = ttlog("cat", "-o", "export", path)
        return [line for line in got.stdout.decode().split("\n\n")[0].splitlines()
                if line.startswith("_")]

    real = "__REALTIME_TIMESTAMP=1606742055000000"
    zeros = "00000000-0000-0000-0000-000000000000"
    for what, tail, expected in (
            ("nothing", {}, []),
            ("no boot id", {"boot_id": zeros}, []),
            ("a boot id of another form", {"boot_id": BOOT.replace("-", "")}, []),
            ("a number for a boot id", {"boot_id": 5}, []),
            ("a list of clocks", {"clocks": [1, 2]}, []),
            ("a clock that others are missing beside", {"clocks": {"real": 2 ** 60}}, []),
            ("a text for a clock", {"clocks": {"real": "x"}}, []),
            ("a boot id with a line's end", {"boot_id": BOOT[:-1] + "\n"}, []),
            ("a clock that is behind",
             {"clocks": {"x": [1], "mono": 5000, "boot": 0, "real": NOON * 10 ** 6 - 3000}},
             ["__MONOTONIC_TIMESTAMP=8"]),
            ("an event from before the boot",
             {"clocks": {"mono": 5000, "boot": 0, "real": NOON * 10 ** 6 + 6000}},
             ["__MONOTONIC_TIMESTAMP=0"])):
        tap.same(start(**tail), [real] + expected, f"export: {what} is known")
    for what, tail, less in (("a boot id", {"boot_id": BOOT}, 5),
                             ("clocks", {"clocks": {"real": 2 ** 60}}, 14)):
        path = write(folder, "cut", [simple("m", 0)], **tail)
        data = subprocess.run(["lz4", "-dc", path], stdout=subprocess.PIPE, check=True).stdout
        got = ttlog("cat", "-o", "export", "-", input=lz4(data[:-less]))
        tap.same((got.returncode, got.stdout.count(b"\nMESSAGE="), got.stdout.count(b"\n_"),
                  got.stderr.count(b"it ends here, and is not complete")), (OTHER, 1, 0, 1),
                 f"export: cut off in {what}")
    a = write(folder, "a", [simple("a", 1)], boot_id=BOOT)
    b = write(folder, "b", [simple("b", 0)], boot_id=BOOT.replace("0", "f"))
    got = ttlog("cat", "-o", "export", a, b)
    tap.same([dict(entry)[b"_BOOT_ID"][:3] for entry in entries(got.stdout)],
             [b"f12", b"012"], "export: each event has its own")


def journal(folder):
    remote = next((p for p in ("/lib/systemd/systemd-journal-remote",
                               "/usr/lib/systemd/systemd-journal-remote")
                   if os.path.exists(p)), None)
    if not remote or not shutil.which("journalctl"):
        tap.ok(True, "journal # SKIP there is no systemd-journal-remote")
        return
    fields = {f"f{i}": i for i in range(1000)}
    path = write(folder, "all", [simple("first", -NOON), *ALL, simple("", 5),
                                 simple("many", 6, fields=fields)], **TAIL)
    into = os.path.join(folder, "ttlog.journal")
    got = ttlog("cat", "-o", "export", path)
    subprocess.run([remote, "-o", into, "-"], input=got.stdout, check=True,
                   stderr=subprocess.PIPE)
    out = subprocess.run(["journalctl", "--file", into, "-o", "export", "--no-pager"],
                         check=True, stdout=subprocess.PIPE).stdout
    # It adds what it knows itself, keeps of equal pairs one, and sorts.
    own = (b"__CURSOR", b"__SEQNUM", b"__SEQNUM_ID")
    kept = [sorted(set(pair for pair in entry if pair[0] not in own))
            for entry in entries(out)]
    tap.ok(len(kept) == 8 and kept == [sorted(set(entry)) for entry in entries(got.stdout)],
           "the journal has all that was exported")
    out = subprocess.run(["journalctl", "--file", into, "-o", "cat", "--no-pager",
                          "TTLOG_FIELD_DEV=sda", "PRIORITY=4"],
                         check=True, stdout=subprocess.PIPE).stdout
    tap.same(out, b"slow disk\n", "journalctl finds a field")


def on_terminal(*args, files=0, **env):
    """Returns what was printed to a terminal, and the exit status."""
    pid, terminal = pty.fork()
    if not pid:
        if files:
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
        clean = {k: v for k, v in os.environ.items()
                 if k not in ("NO_COLOR", "PAGER", "TTLOG_PAGER", "LESS", "LV", "SUDO_UID")}
        os.execve(TTLOG, [TTLOG, "cat", *args],
                  {**clean, "TERM": "xterm", "TZ": "CET-1", "TTLOG_PAGER": "cat", **env})
    out = b""
    try:
        while part := os.read(terminal, 65536):
            out += part
    except OSError:
        pass
    os.close(terminal)
    return out.decode().replace("\r\n", "\n"), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


LINES = """\
2020-11-30 14:14:15.000123 warning cpu1  billing(worker)[118/119] uid=1000  async demoted \
slow disk dev=sda ms=900
2020-11-30 14:14:15.001000 alert   -     kernel                   -         BUG: x seq=369
2020-11-30 14:14:15.002000 notice  cpu0  probe rm[7]              uid=0     vfs_read ret=-2
2020-11-30 14:14:15.004000 debug   cpu0  c[1]                     uid=0     \\xffx\\n
"""
COLORED = """\
2020-11-30 14:14:15.001000 \033[1;31malert  \033[0m -     kernel                   -         \
\033[1;31mBUG: x\033[0m\033[2m seq=369\033[0m
2020-11-30 14:14:15.002000 \033[1mnotice \033[0m cpu0  probe rm[7]              uid=0     \
\033[1mvfs_read\033[0m\033[2m ret=-2\033[0m
"""


def terminal(folder):
    path = write(folder, "all", [LOG, KLOG, PROBE, RAW])
    two = write(folder, "two", [KLOG, PROBE])
    for what, args, env, expected in (
            ("in columns", ("--color=never", path), {}, LINES),
            ("in colours", (two,), {}, COLORED),
            ("NO_COLOR", (path,), {"NO_COLOR": "1"}, LINES),
            ("an empty NO_COLOR", (two,), {"NO_COLOR": ""}, COLORED),
            ("--color against NO_COLOR", ("--color", two), {"NO_COLOR": "1"}, COLORED),
            ("-o text", ("-o", "text", "--color=never", path), {}, LINES),
            ("UTC", ("--utc", "--color=never", "--kind=probe", path), {},
             LINES.splitlines()[2].replace(" 14", " 13", 1).replace("000 n", "000Z n") + "\n"),
            ("a dumb one", (two,), {"TERM": "dumb"}, ttlog("cat", two).stdout.decode()),
            ("of logfmt", ("-o", "logfmt", two), {},
             ttlog("cat", "-o", "logfmt", two).stdout.decode())):
        tap.same(on_terminal(*args, **env), (expected, 0), f"on a terminal: {what}")
    hostile, _ = on_terminal(write(folder, "hostile", [HOSTILE]), NO_COLOR="1")
    tap.ok(hostile.count("\n") == 1 and hostile.startswith(
        "2020-11-30 14:14:15.003000 err     cpu2  x,y\\\"z(a\\x20b)[9]        uid=0     "
        "q\"uote b\\\\ack\\nnew\\ttab \\x1b[31m"), "on a terminal: hostile text")
    got = ttlog("cat", "--color=always", two, env={**os.environ, "TZ": "CET-1"})
    tap.same(got.stdout.decode(), COLORED, "--color=always, where there is no terminal")
    for args in (), ("--color=auto",), ("--color=never",):
        got = ttlog("cat", *args, two, env={**os.environ, "TERM": "xterm"})
        tap.same(got.stdout, ttlog("cat", two).stdout, f"no terminal: {args}")
        tap.ok(got.stdout.startswith(b"2020-11-30T13:14:15.001000000Z klog alert kernel: BUG"),
               "and it is the text of ever")


def pagers(folder):
    two = write(folder, "two", [KLOG, PROBE])
    plain, _ = on_terminal("--color=never", two)
    for what, args, env, expected in (
            ("$TTLOG_PAGER", (), {"TTLOG_PAGER": "sed s/^/P:/"},
             "".join("P:" + line + "\n" for line in plain.splitlines())),
            ("before $PAGER", (), {"TTLOG_PAGER": "cat", "PAGER": "sed s/^/P:/"}, plain),
            ("no pager", ("--no-pager",), {"TTLOG_PAGER": "sed s/^/P:/"}, plain),
            ("an empty one", (), {"TTLOG_PAGER": ""}, plain),
            ("its environment", (), {"TTLOG_PAGER": "cat >&2; echo $LESS $LV"},
             plain + "FRX -c\n"),
            ("of sudo", (), {"TTLOG_PAGER": "cat >&2; echo $LESSSECURE", "SUDO_UID": "1"},
             plain + "1\n"),
            ("one that quits", (), {"TTLOG_PAGER": "head -n 1"}, plain.splitlines()[0] + "\n"),
            ("one that isn't there", (), {"TTLOG_PAGER": "/none"},
             "ttlog: pager '/none': No such file or directory\n" + plain),
            ("what is wrong, too", ("/none",), {"TTLOG_PAGER": "sed s/^/P:/"},
             "P:ttlog: /none: No such file or directory\n" +
             "".join("P:" + line + "\n" for line in plain.splitlines()))):
        tap.same(on_terminal("--color=never", *args, two, **env),
                 (expected, 1 if "/none" in args else 0), f"pager: {what}")
    tap.same(on_terminal("--color=never", two, TTLOG_PAGER="", PAGER="sed s/^/P:/")[0], plain,
             "pager: an empty $TTLOG_PAGER is none")
    many = write(folder, "many", [simple("x" * 200, i) for i in range(20000)])
    out, status = on_terminal("--color=never", many, TTLOG_PAGER="head -n 3")
    tap.same((out.count("\n"), status), (3, 0), "pager: quit early, without a word")
    for files in 4, 5:
        tap.same(on_terminal("--color=never", two, files=files, TTLOG_PAGER="sed s/^/P:/"),
                 (plain, 0), f"pager: none where {files} files may be open")
    got = ttlog("cat", two, env={**os.environ, "TTLOG_PAGER": "sed s/^/P:/"})
    tap.same(got.stdout, ttlog("cat", two).stdout, "pager: none without a terminal")
    default_pager(two, plain)


def default_pager(two, plain):
    with tempfile.TemporaryDirectory() as folder:
        less = os.path.join(folder, "less")
        with open(less, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\nexec /bin/sed s/^/less:/\n")
        os.chmod(less, 0o755)
        for what, path, expected in (
                ("less", folder, "".join("less:" + line + "\n" for line in plain.splitlines())),
                ("none where there is no less", "/none", plain)):
            pid, end = pty.fork()
            if not pid:
                os.execve(TTLOG, [TTLOG, "cat", "--color=never", two],
                          {"TERM": "xterm", "TZ": "CET-1", "PATH": path})
            out = b""
            try:
                while part := os.read(end, 65536):
                    out += part
            except OSError:
                pass
            os.close(end)
            os.waitpid(pid, 0)
            tap.same(out.decode().replace("\r\n", "\n"), expected, f"pager: {what}")


def main():
    for test in (merged, damaged, many_files, filters, refused, logfmt, comma, export, journal,
                 terminal, pagers):
        with tempfile.TemporaryDirectory() as folder:
            test(folder)
    tap.done()


main()
