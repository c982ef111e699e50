# SPDX-License-Identifier: GPL-2.0-only
"""Each allocation of the programs refused in turn: all is printed or written as ever,
or it is said what isn't, with exit status 1. Nothing is left out silently, and no
partial file stands there. The device is preload/device.c."""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
import cbor2
from dump import elf, flat, recorder
from refuse import PRELOAD, USER, heard, refuse, walk
from snapfile import HELPERS, Tap, content, make

tap = Tap()
EVENT = {"timestamp": 1, "level": "info", "message": "m", "cpu": 0, "pid": 1,
         "comm": "c"}
MESSAGES = "out of memory", "Cannot allocate memory"
# What names what there is no memory for.
WANTED = {
    *(f"{what}: Cannot allocate memory" for what in (
        "the arguments", "the configuration", "reading rings", "rings", "events", "event",
        "cannot read the ring of CPU 0, channel 1", "reading a memory dump",
        "learning where timer snapshots go on", "saving what is new",
        "saving what an earlier boot left")),
    "the snapshot 'why' could not be read and will be tried again", "out of memory",
    *(f"out of memory: {what}" for what in (
        "an event can't be searched", "an event is left out", "files are left out",
        "no events are printed")),
}


def events():
    yield EVENT
    yield {**EVENT, "kind": "probe", "message": "vfs_read+0x10",
           "fields": {"arg1": 2 ** 64 - 1, "arg2": 7}}
    yield {**EVENT, "fields": {"text": "a\tb", "bytes": b"\xff\0", "real": 0.1,
                               "many": [1, -2, True, None, "x"], "none": None}}
    yield {**EVENT, "fields": {f"field{i}": i for i in range(40)}}
    yield {**EVENT, "fields": {"many": list(range(40))}}
    yield {**EVENT, "message": "long " * 13000}
    yield {**EVENT, "message": "\ufffdx", "message_raw": b"\xffx"}


def snapshot(level, flags=()):
    data = cbor2.dumps({"service": "s", "hostname": "h", "events": list(events()),
                        "ledger": {"rings": [{"cpu": 0, "lost": [1, b"\1"]}],
                                   "x": -1, "y": 0.5, "z": [None, True]}})
    return subprocess.run(["lz4", "-q", "-c", level, "-BX", *flags], input=data,
                          stdout=subprocess.PIPE, check=True).stdout


def without_header(frame):
    return b"\0" + frame[1:]


def is_part(lines, of):
    """Are all of these among the others, in this order?"""
    others = iter(of)
    return all(line in others for line in lines)


def judge_json(text):
    for line in text.splitlines():
        try:
            json.loads(line)
        except ValueError:
            return "no JSON"
    return None


def judge_by(base, options):
    """What is wrong with a run; @base is what it is when it has memory."""
    def judge(got, any_refused):
        same = (got.returncode, got.stdout) == (base.returncode, base.stdout)
        if got.returncode < 0:
            return "died"
        if same and (base.stderr == got.stderr or any_refused):
            return None
        if not any_refused:
            return "other output"
        if got.returncode != 1:
            return "something is missing, and the exit status doesn't say so"
        if not any(m in got.stderr.decode() for m in MESSAGES):
            return "something is missing, and no message says why"
        if "--json" in options and judge_json(got.stdout.decode()):
            return "no JSON"
        if "--info" in options:
            head = os.path.commonprefix([got.stdout, base.stdout])
            # The end of what was begun.
            return None if len(got.stdout) - len(head) < 16 else "other output"
        if not is_part(got.stdout.splitlines(), base.stdout.splitlines()):
            return "other output"
        return None
    return judge


def cat(folder, name, data, *options, least):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    command = [os.path.join(USER, "ttlog"), "cat", *options, path]
    base = subprocess.run(command, capture_output=True, check=False)
    if not options and name == "whole":
        tap.same((base.returncode, base.stdout.count(b"\n"), base.stderr),
                 (0, 7, b""), "with memory it prints seven events")
    walk(tap, f"cat {' '.join(options)} of {name}", judge_by(base, options),
         lambda which: refuse(command, which), least)


def about(folder, data, *args):
    """What is told of a file without all of it has a message and a status."""
    path = os.path.join(folder, "whole")
    with open(path, "wb") as file:
        file.write(data)
    command_of = [os.path.join(USER, "ttlog"), *args, path]
    base = subprocess.run(command_of, capture_output=True, check=False)

    def judge(got, _):
        if (got.returncode, got.stdout) == (base.returncode, base.stdout):
            return None
        if got.returncode != 1 or not said(got):
            return "something is missing, and it isn't said"
        return "no JSON" if "--json" in args and judge_json(got.stdout.decode()) else None

    tap.same((base.returncode, base.stderr), (0, b""), f"{args} with memory")
    walk(tap, " ".join(args), judge, lambda which: refuse(command_of, which), 8)


def said(got):
    return any(message in got.stderr.decode() for message in MESSAGES)


def device(ring, **env):
    return {"FAKE_RING": ring, **env}, [os.path.join(PRELOAD, "device.so")]


def command(ring, *args, **fake):
    """What it prints is there as a whole, or up to where it says that it ends."""
    env, preload = device(ring, **fake)
    whole = [os.path.join(USER, "ttlog"), *args]
    base = refuse(whole, "0", preload, **env)[0]

    def judge(got, _):
        if (got.returncode, got.stdout) == (base.returncode, base.stdout):
            return None
        if got.returncode != 1 or not said(got):
            return "something is missing, and it isn't said"
        return None if base.stdout.startswith(got.stdout) else "other output"

    tap.same((base.returncode, base.stderr), (0, b""), f"{args} with memory")
    walk(tap, " ".join(args), judge, lambda which: refuse(whole, which, preload, **env),
         3)


def writes(what, ring, folder, command_of, **fake):
    """There is a whole file, or none, and that is said. After both no other is left."""
    env, preload = device(ring, **fake)

    def run(which):
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        return refuse(command_of, which, preload, **env)

    def judge(got, _):
        names = os.listdir(folder)
        if len(names) != (got.returncode == 0):
            return f"there are {names}"
        if got.returncode:
            return None if got.returncode == 1 and said(got) else "not said"
        events = cbor2.loads(content(os.path.join(folder, names[0])))["events"]
        return None if len(events) == 100 else f"{len(events)} events"

    walk(tap, what, judge, run, 12)


def textfile(ring, folder):
    """The file of metrics is whole or, which is said, not there."""
    env, preload = device(ring)
    path = os.path.join(folder, "ttlog.prom")
    whole = subprocess.run(
        [os.path.join(USER, "ttlog"), "stat", "--prometheus"], stdout=subprocess.PIPE,
        check=True, env={**os.environ, **env, "LD_PRELOAD": preload[0], "FAKE_DEVICE": ""})

    def run(which):
        if os.path.exists(path):
            os.unlink(path)
        return refuse([os.path.join(USER, "ttlog"), "stat", "--textfile", path], which,
                      preload, **env)

    def judge(got, _):
        if got.returncode:
            good = got.returncode == 1 and said(got) and not os.path.exists(path)
            return None if good else "not said, or there is a file"
        with open(path, "rb") as file:
            return None if file.read() == whole.stdout else "a part"

    walk(tap, "stat --textfile", judge, run, 4)


def configuration(folder):
    """All of it is printed, or all that is wrong, or it isn't, which is said."""
    path = os.path.join(folder, "config")
    os.mkdir(path + ".d")
    for text, status in ((f"[ttlogd]\nfolder={folder}\ntimer=1\n[reason a]\nhook=/bin/true\n"
                          "[reason b]\nkeep_age=1d\n[filter a]\nsample=5\n[share]\nrate=1\n", 0),
                         ("[ttlogd]\nhook=/none\ntimr=1\n", 2)):
        for name in path, path + ".d/x.conf":
            with open(name, "w", encoding="ascii") as file:
                file.write(text)
        command_line = [os.path.join(USER, "ttlogd"), "--check-config", "--config", path]
        base = refuse(command_line, "0")[0]

        def judge(got, _, base=base):
            if (got.returncode, got.stdout, got.stderr) == (base.returncode, base.stdout,
                                                            base.stderr):
                return None
            return None if got.returncode == 1 and not got.stdout and said(got) else "not said"

        tap.same((base.returncode, not base.stdout), (status, status != 0),
                 f"ttlogd --check-config: {status}")
        walk(tap, f"ttlogd --check-config: {status}", judge,
             lambda which, command_line=command_line: refuse(command_line, which), 10)


def saves(folder, out, what, change):
    """There is a whole file of what an earlier boot left, or that is still where it was."""
    region = os.path.join(folder, "region")
    whole = change(subprocess.run([os.path.join(HELPERS, "regionmake"), "1", "1", "500"],
                                  stdout=subprocess.PIPE, check=True).stdout)

    def run(which):
        for name in os.listdir(out):
            os.unlink(os.path.join(out, name))
        with open(region, "wb") as file:
            file.write(whole)
        return refuse([os.path.join(USER, "ttlogd"), "--once", "-o", out], which,
                      [os.path.join(PRELOAD, "device.so")], FAKE_PREVIOUS=region)

    def judge(got, _):
        names = os.listdir(out)
        if os.path.exists(region) != bool(got.returncode):
            return "success, and it is still there, or the other way round"
        if got.returncode:
            return None if got.returncode == 1 and said(got) else "not said"
        events = cbor2.loads(content(os.path.join(out, names[0])))["events"]
        return None if len(events) == 400 else f"{len(events)} events"

    walk(tap, f"ttlogd, which finds what an earlier boot left, {what}", judge, run, 12)


def core(folder, out):
    """There is a whole file of what is in a memory dump, or none, and that is said."""
    path = os.path.join(folder, "core")
    with open(path, "wb") as file:
        file.write(flat(elf(recorder(0x11))))

    def run(which):
        for name in os.listdir(out):
            os.unlink(os.path.join(out, name))
        return refuse([os.path.join(USER, "ttlog"), "dump", "-c", path, "-o", out], which)

    def judge(got, _):
        names = os.listdir(out)
        if len(names) != (got.returncode == 0):
            return f"there are {names}"
        if got.returncode:
            # 127: the loader's own end. What the library could not allocate it names.
            return None if got.returncode == 127 or got.returncode == 1 and (
                said(got) or re.search(rb"can't be loaded: |: Cannot allocate ", got.stderr)) \
                else "not said"
        events = cbor2.loads(content(os.path.join(out, names[0])))["events"]
        return None if len(events) == 400 else f"{len(events)} events"

    walk(tap, "dump --core", judge, run, 50)


def with_device(folder):
    ring, out = os.path.join(folder, "ring"), os.path.join(folder, "out")
    os.mkdir(out)
    with open(ring, "wb") as file:
        subprocess.run([os.path.join(HELPERS, "ringmake")], stdout=file, check=True)
    for args in (("stat",), ("stat", "--json"), ("stat", "--prometheus"),
                 ("stat", "--sizing=0"), ("probe", "list"),
                 ("probe", "list", "--json"), ("filter", "--json"), ("level",), ("probe", "add", "vfs_read"),
                 ("log", "-s", "x", "-f", "a=b", "-f", "c=d", "hello")):
        command(ring, *args)
    textfile(ring, folder)
    command(ring, "follow", "-a", FAKE_DEVICE="end=3")
    writes("dump", ring, out, [os.path.join(USER, "ttlog"), "dump", "-o", out])
    writes("ttlogd", ring, out, [os.path.join(USER, "ttlogd"), "--once", "-o", out],
           FAKE_DEVICE="trigger=1")
    writes("ttlogd, at its end", ring, out,
           [os.path.join(USER, "ttlogd"), "-o", out, "-t", "0"], FAKE_DEVICE="stop=1")
    writes("ttlogd, which finds a last timer snapshot", ring, out,
           [os.path.join(USER, "ttlogd"), "-o", out, "-t", "0"],
           FAKE_DEVICE="prepared=1 stop=1", NOTIFY_SOCKET="@ttlog-none")
    saves(folder, out, "whole", lambda left: left)
    saves(folder, out, "without its map", lambda left: bytes(8) + left[8:])
    core(folder, out)
    configuration(folder)


def main():
    whole = snapshot("-B4")
    with tempfile.TemporaryDirectory() as folder:
        for options in ((), ("--json",), ("--info",), ("--info", "--json"),
                        ("-o", "logfmt"), ("-o", "csv"), ("-o", "export"),
                        ("--color", "-n", "5", "-g", "m", "-f", "text~a", "-p", "info")):
            cat(folder, "whole", whole, *options, least=8)
        cat(folder, "large blocks", snapshot("-B6"), least=8)
        cat(folder, "linked blocks", snapshot("-B4", ("-BD",)), least=8)
        cat(folder, "damaged header", without_header(whole), least=8)
        with open(make("rich", folder), "rb") as file:
            rich = file.read()
        for args in (("ls",), ("ls", "--json"), ("verify",)):
            about(folder, rich, *args)
        with_device(folder)
        tap.same((WANTED | {f"{folder}/whole: out of memory"}) - heard, set(),
                 "each thing is said that there is to say")
    tap.done()


main()
