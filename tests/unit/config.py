# SPDX-License-Identifier: GPL-2.0-only
"""What the helper's files say, what is wrong with them and where, and what comes of it:
at its start, when it is asked to read them again, and where the kernel has started it."""
import os
import re
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from refuse import PRELOAD, USER
from snapfile import HELPERS, Tap, load

tap = Tap()
TTLOGD = os.path.join(HELPERS, "ttlogd")
USAGE, FOLDER = 2, 5
DEFAULTS = {"folder": ("/var/lib/ttlog", "default"), "timer": ("60", "default"),
            "service": ("ttlog", "default"), "keep_files": ("0", "default"),
            "keep_bytes": ("1G", "default"), "keep_age": ("0", "default"),
            "keep_free": ("0", "default"), "hook": ("", "default"),
            "hook_timeout": ("30", "default")}
SYNTAX = ("neither '[section]' nor 'key = value', nor a comment, which begins with '#' "
          "or ';'")
BYTES = ("a number of bytes is accepted, with K, M, G or T as a unit or without, or 0 for "
         "no limit")

SECTIONS = ("[ttlogd], [reason NAME], [filter], [filter SERVICE] and [share] are accepted")
OR_INHERIT = " is accepted, or for a service inherit"
SAMPLES = "N or 1/N with N from 1 (all) to 1000000000" + OR_INHERIT
RATES = "RATE or RATE/BURST, each from 1 to 1000000000 events, or none," + OR_INHERIT
LEVELS = ("emerg, alert, crit, err, warning, notice, info, debug or 0 to 7, alone, as FROM..TO, "
          "or as a list of these with commas," + OR_INHERIT)


class Files:
    """The main file and those beside it."""

    def __init__(self, top):
        self.top, self.main = top, os.path.join(top, "main")
        os.mkdir(self.main + ".d")

    def put(self, text, name=None):
        path = os.path.join(self.main + ".d", name) if name else self.main
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    def drop(self, *names):
        for name in names:
            os.unlink(os.path.join(self.main + ".d", name))

    def check(self, *args):
        return subprocess.run([TTLOGD, "--check-config", "--config", self.main, *args],
                              capture_output=True, check=False)

    def wrong(self, text, *complaints, what=None):
        """Each "LINE: ..." is said of the main file, and nothing is printed."""
        self.put(text)
        got = self.check()
        tap.same((got.returncode, got.stderr.decode().splitlines(), got.stdout),
                 (USAGE, [f"{self.main}:{c}" for c in complaints], b""),
                 what or f"{text!r:.60}")

    def right(self, text, what, *args, **expected):
        """Line N of the main file is where a value is from, or what a text says."""
        self.put(text)
        got = self.check(*args)
        values, section = {}, ""
        for line in got.stdout.decode().splitlines()[1:]:
            if line.startswith("["):
                section = line + "."
                continue
            key, value, origin = re.fullmatch(r"([\w.]+) = (.*) ; (.*)", line).groups()
            values[section * (section != "[ttlogd].") + key] = value, origin
        expected = {key: (value, f"{self.main}:{origin}" if isinstance(origin, int) else
                          origin) for key, (value, origin) in expected.items()}
        tap.same((got.returncode, got.stderr, values), (0, b"", {**DEFAULTS, **expected}),
                 what)
        return got.stdout


def forms(files):
    """What a line may look like."""
    top = files.top
    files.right("", "an empty file")
    files.right("\n# a\n; b\n  # c\n[ttlogd]\n", "comments")
    written = {"folder": (top, 2), "timer": ("0", 3), "service": ("a b", 4),
               "keep_bytes": ("1T", 6), "[reason a].keep_age": ("2w", 8)}
    printed = files.right(f"[ttlogd]\nfolder={top}\ntimer = 0\r\n\tservice:  a b\t; c\n"
                          " [ttlogd] # again\nkeep_bytes= 1T\n[reason a]\nkeep_age=2w",
                          "spaces and ends of lines", **written)
    lines = printed.decode().splitlines()
    files.right(printed, "what is printed is such a file",
                **{key: (value[0], 1 + next(i for i, line in enumerate(lines) if
                                            line.startswith(re.sub(".*[.]", "", key) + " = ") and
                                            not line.endswith("; default")))
                   for key, value in written.items()},
                **{key: (value, lines.index(f"{key} = {value} ; default") + 1)
                   for key, value in (("keep_files", "0"), ("keep_age", "0"),
                                      ("keep_free", "0"), ("hook", ""),
                                      ("hook_timeout", "30"))})
    # How long a line may be libinih's maker has said.
    files.put("#" * 65536)
    most = int(re.search(rb"a line of 65536 bytes: at most (\d+) are", files.check().stderr)[1])
    tap.ok(most >= 197, f"a line has {most} bytes at most")
    longest = "service = " + "x" * 63 + " " * (most - 73)
    files.right(f"[ttlogd]\n{longest}\n", "a line as long as that", service=("x" * 63, 2))
    files.wrong(f"[ttlogd]\n{longest} \ntimer=x\n",
                f"2: a line of {most + 1} bytes: at most {most} are accepted",
                "3: key 'timer': 'x': 1 to 86400 seconds are accepted, or 0 for none")
    files.wrong("[ttlogd]\nfoo\n= 5\n[a\n[]\n[a]b\n", f"2: {SYNTAX}", f"3: {SYNTAX}",
                *(f"{n}: a section is accepted as '[name]'" for n in (4, 5, 6)))
    for bad in (b"\xff", b"\0", b"\x1b[2J", "\u202e".encode(), b"\xef\xbb\xbf"):
        files.wrong(b"[ttlogd]\nservice = a" + bad + b"\n",
                    "2: the line has a control character or isn't UTF-8")
    files.right("[ttlogd]\n" + "#" * 100 + "\n" + ("#" * 99 + "\n") * 654 + "#" * 26,
                "a file of 65536 bytes")
    files.wrong("[ttlogd]\n" + "#" * 100 + "\n" + ("#" * 99 + "\n") * 654 + "#" * 27,
                "657: the file goes on: at most 65536 bytes are accepted")


def values(files):
    files.wrong("timer = 5\n[ttlogd]\nkeep_byte = 1\nretention = 2\n[other]\nfoo = bar\n"
                "[ttlogd]\nTimer = 1\n",
                "1: key 'timer': it stands in no section, [ttlogd] is missing above it",
                "3: key 'keep_byte': there is none of that name; did you mean 'keep_bytes'?",
                "4: key 'retention': there is none of that name",
                f"5: section 'other': {SECTIONS}",
                "8: key 'Timer': there is none of that name; did you mean 'timer'?")
    files.wrong("[ttlogd]\ntimer = 5\n\ntimer = 6\n",
                "4: key 'timer': '6': it is given in line 2 already")
    files.wrong("[ttlogd]\nfolder = here\nfolder =\nservice =\nservice = " + "x" * 64,
                *(f"{line}: key '{key}': '{value}': {accepted}" for line, key, value, accepted in (
                    (2, "folder", "here", "the absolute path of a folder is accepted"),
                    (3, "folder", "", "the absolute path of a folder is accepted"),
                    (4, "service", "", "a name of 1 to 63 bytes is accepted"),
                    (5, "service", "x" * 64, "a name of 1 to 63 bytes is accepted"))))
    for bad in "-1", "86401", "x", "1s", "", "1 0", "99999999999999999999":
        files.wrong(f"[ttlogd]\ntimer={bad}\n", f"2: key 'timer': '{bad}': 1 to 86400 "
                    "seconds are accepted, or 0 for none")
    for bad in "-1", "x", "1k", "1 G", "", "1KB", "16777216T":
        files.wrong(f"[ttlogd]\nkeep_bytes={bad}\n", f"2: key 'keep_bytes': '{bad}': {BYTES}")
    for bad in "-1", "1000000001", "1K", "":
        files.wrong(f"[ttlogd]\nkeep_files={bad}\n", f"2: key 'keep_files': '{bad}': 1 to "
                    "1000000000 files are accepted, or 0 for no limit")
    for bad in "-1", "1y", "36501d", "3153600001", "1 d", "d", "1dd", "9999999999999w":
        files.wrong(f"[ttlogd]\nkeep_age={bad}\n", f"2: key 'keep_age': '{bad}': a number of "
                    "seconds is accepted, with m, h, d or w as a unit or without, up to "
                    "36500d, or 0 for no limit")
    for bad in "100%", "-1%", "%", "1%%", "1 %", "8388608T", "x":
        files.wrong(f"[ttlogd]\nkeep_free={bad}\n", f"2: key 'keep_free': '{bad}': {BYTES[:-18]} "
                    "or 1% to 99% of the file system, or 0 for no limit")
    for good in "36500d", "5214w", "99", "0":
        files.right(f"[ttlogd]\nkeep_age={good}\n", f"keep_age={good}", keep_age=(good, 2))
    for good in "99%", "0%", "8388607T", "1K":
        files.right(f"[ttlogd]\nkeep_free={good}\n", f"keep_free={good}",
                    keep_free=(good, 2))
    files.wrong("[ttlogd]\nhook = ls -l\n", "2: key 'hook': 'ls -l': the absolute path of a "
                "program is accepted, or nothing for none")
    for bad in "0", "3601", "1m", "":
        files.wrong(f"[ttlogd]\nhook_timeout={bad}\n", f"2: key 'hook_timeout': '{bad}': 1 to "
                    "3600 seconds are accepted")
    files.wrong("[ttlogd]\nhook = /none\n[reason a]\nhook_timeout = 3600\nhook = /etc/passwd\n"
                "[reason b]\nhook =\n",
                "2: key 'hook': '/none': it can't be run: No such file or directory",
                "5: key 'hook': '/etc/passwd': it can't be run: Permission denied")
    none = os.path.join(files.top, "none")
    files.put(f"[ttlogd]\nfolder = {none}\n")
    got = files.check()
    tap.same((got.returncode, got.stderr.decode().splitlines()),
             (USAGE, [f"ttlogd: the folder {none}: No such file or directory",
                      f"{files.main}:2: key 'folder': '{none}': the path of a folder that is "
                      "there is accepted"]), "a folder that isn't there")


def reasons(files):
    """Sections of reasons, which have some of the keys."""
    text = "[reason a]\nkeep_files=1\n[reason B-_9]\nkeep_bytes=2\n[reason a]\nkeep_age=3\n"
    files.right(text, "limits of reasons", **{
        "[reason a].keep_files": ("1", 2), "[reason B-_9].keep_bytes": ("2", 4),
        "[reason a].keep_age": ("3", 6)})
    files.put("[reason a]\nkeep_age=4\n", "1.conf")
    files.right(text, "later files win", **{
        "[reason a].keep_files": ("1", 2), "[reason B-_9].keep_bytes": ("2", 4),
        "[reason a].keep_age": ("4", files.main + ".d/1.conf:2")})
    files.drop("1.conf")
    files.wrong("[reason a]\nkeep_age=1\n[ttlogd]\nkeep_age=2\n[reason a]\nkeep_age=3\n"
                "timer=5\ntimr=5\nkeep_fils=5\nkeep_free=5\n",
                "6: key 'keep_age': '3': it is given in line 2 already",
                "7: key 'timer': it holds for all reasons, in [ttlogd]",
                "8: key 'timr': there is none of that name",
                "9: key 'keep_fils': there is none of that name; did you mean 'keep_files'?",
                "10: key 'keep_free': it holds for all reasons, in [ttlogd]")
    files.right(f"[reason {'x' * 32}]\nkeep_files = 1\n", "a reason of 32 characters",
                **{f"[reason {'x' * 32}].keep_files": ("1", 2)})
    for bad in "", " a", "a.b", "caf\u00e9", "x" * 33:
        files.wrong(f"[reason {bad}]\nkeep_files = x\n", f"1: section 'reason {bad}': a reason "
                    "of 1 to 32 letters, digits, '_' and '-' is accepted")
    files.wrong("[reason]\n", f"1: section 'reason': {SECTIONS}")
    many = "".join(f"[reason {n}]\nkeep_files=1\n" for n in range(33))
    files.wrong(many, "65: section 'reason 32': at most 32 reasons are accepted",
                what="33 reasons")


def filters(files):
    """Sections of filters and of the share."""
    longest = "[filter " + "x" * 31 + "]"
    files.right("[filter]\nlevels = info\nsample.debug = 1/100\n[filter nginx]\nlevels=err..err\n"
                "sample = 5\nrate = 10\nrate.info = 1000/2000\nrate.crit=none\n"
                f"{longest}\nsample.emerg = inherit\nlevels = inherit\nrate = inherit\n"
                "[share]\nrate = 64K/1M\n[filter]\nrate=none\n", "filters and the share", **{
                    "[filter].levels": ("info", 2), "[filter].sample.debug": ("1/100", 3),
                    "[filter nginx].levels": ("err..err", 5),
                    "[filter nginx].sample": ("5", 6), "[filter nginx].rate": ("10", 7),
                    "[filter nginx].rate.info": ("1000/2000", 8),
                    "[filter nginx].rate.crit": ("none", 9),
                    f"{longest}.sample.emerg": ("inherit", 11),
                    f"{longest}.levels": ("inherit", 12), f"{longest}.rate": ("inherit", 13),
                    "[share].rate": ("64K/1M", 15), "[filter].rate": ("none", 17)})
    files.put("[filter nginx]\nsample=inherit\n[share]\nrate=1\n", "1.conf")
    later = files.main + ".d/1.conf"
    files.right("[share]\nrate=5\n[filter nginx]\nsample=5\nrate=5\n", "later files win", **{
        "[filter nginx].sample": ("inherit", later + ":2"), "[filter nginx].rate": ("5", 5),
        "[share].rate": ("1", later + ":4")})
    files.drop("1.conf")
    files.wrong("[filter]\nlevels=inherit\nsample.err=inherit\nrate=inherit\n", *(
        f"{line}: key '{key}': 'inherit': it is accepted in [filter SERVICE] only"
        for line, key in ((2, "levels"), (3, "sample.err"), (4, "rate"))))
    for key, accepted, bads in (
            ("levels", LEVELS, ("", "loud", "err,", "none")),
            ("sample", SAMPLES, ("", "0", "none", "2/3", "1000000001")),
            ("sample.debug", SAMPLES, ("x",)), ("rate.emerg", RATES, ("1/0",)),
            ("rate", RATES, ("", "0", "1/", "1K", "1000000001"))):
        for bad in bads:
            files.wrong(f"[filter a]\n{key}={bad}\n", f"2: key '{key}': '{bad}': {accepted}")
    for bad in "", "0", "none", "1T", "1025M", "1/", "1/4159", "1/1025M":
        files.wrong(f"[share]\nrate={bad}\n", f"2: key 'rate': '{bad}': RATE or RATE/BURST in "
                    "bytes, RATE from 1 and BURST from 4160 to 1G, with K, M or G as a unit or "
                    "without is accepted")
    files.wrong("[filter a]\nlevel=err\nsample.debu=1\nrate.all=1\ntimer=5\nrate=1\n[filter b]\n"
                "rate=1\n[filter a]\nrate=2\n[share]\nrat=1\nburst=5\n",
                "2: key 'level': there is none of that name; did you mean 'levels'?",
                "3: key 'sample.debu': there is none of that name; did you mean 'sample.debug'?",
                "4: key 'rate.all': there is none of that name; did you mean 'rate.alert'?",
                "5: key 'timer': there is none of that name",
                "10: key 'rate': '2': it is given in line 6 already",
                "12: key 'rat': there is none of that name; did you mean 'rate'?",
                "13: key 'burst': there is none of that name")
    for bad in "caf\u00e9", "x" * 32, " a", "a ":
        files.wrong(f"[filter {bad}]\nrate = x\n", f"1: section 'filter {bad}': 1 to 31 "
                    "printable ASCII characters are accepted, none but the inner ones a "
                    "space")
    for bad in "filters", "filter ", "share a":
        files.wrong(f"[{bad}]\nrate = x\n", f"1: section '{bad}': {SECTIONS}")
    some = "".join(f"[filter {n}]\nsample=1\n" for n in range(63)) + "[filter]\nrate=1\n"
    files.wrong(some + "[filter 63]\nsample=1\n", "129: section 'filter 63': at most 63 services "
                "with a filter are accepted", what="64 services")
    files.right(some, "63 services, and all", **{
        "[filter].rate": ("1", 128),
        **{f"[filter {n}].sample": ("1", 2 * n + 2) for n in range(63)}})


def several(files):
    """Files beside it, in order of names, then options; errors of all."""
    files.put("[ttlogd]\ntimer = 1\n", "10.conf")
    ten = os.path.join(files.main + ".d", "10.conf")
    files.put("[ttlogd]\ntimer = 2\nservice = nine\n", "9.conf")
    nine = os.path.join(files.main + ".d", "9.conf")
    for name in "8.txt", ".8.conf", "conf", "8.conf~":
        files.put("wrong", name)
    files.right("[ttlogd]\ntimer = 3\nservice = main\nkeep_bytes = 5\n", "later files win",
                timer=("2", nine + ":2"), service=("nine", nine + ":3"), keep_bytes=("5", 4))
    files.right("[ttlogd]\ntimer = 3\n", "options win", "-t", "7", "--keep", "3M",
                timer=("7", "command line"), service=("nine", nine + ":3"),
                keep_bytes=("3M", "command line"))
    files.put("[ttlogd]\ntimer = x\n", "10.conf")
    files.put("[ttlogd]\nfoo = 2\n", "9.conf")
    odd = files.put("", "\x1b[2J.conf")
    files.put("timer\n")
    got = files.check("-t", "7")
    tap.same((got.returncode, got.stderr.decode().splitlines(), got.stdout), (USAGE, [
        f"{files.main}:1: {SYNTAX}",
        f"{files.main}.d: a name there has a control character or isn't UTF-8",
        f"{ten}:2: key 'timer': 'x': 1 to 86400 seconds are accepted, or 0 for none",
        f"{nine}:2: key 'foo': there is none of that name"], b""),
             "what is wrong is said of all files, also where an option wins")
    os.unlink(odd)
    files.drop("10.conf", "9.conf", "8.txt", ".8.conf", "conf", "8.conf~")
    for path, why in ((files.main + "x", "No such file or directory"),
                      (files.top, "Is a directory")):
        got = subprocess.run([TTLOGD, "--config", path], capture_output=True, check=False)
        tap.same((got.returncode, got.stderr.decode()),
                 (USAGE, f"{path}: it can't be read: {why}\n"), f"--config {why}")
    got = subprocess.run([TTLOGD, "--config", "", "--check-config"], capture_output=True,
                         check=False)
    tap.ok(got.returncode == USAGE and got.stderr.startswith(
        b"ttlogd: config '': the path of a file is accepted\n"), "--config ''")
    got = subprocess.run([TTLOGD, "--config", "\n", "--check-config"], capture_output=True,
                         check=False)
    tap.ok(got.returncode == USAGE and got.stderr.startswith(
        b"ttlogd: the path of the configuration has a control character or isn't UTF-8, and "
        b"would be printed\n"), "--config '\\n'")


class Helper:
    """One that runs, with a device of which all answers are told."""

    def __init__(self, files, *args, fake="", **env):
        self.process = subprocess.Popen(
            [os.path.join(USER, "ttlogd"), "--config", files.main, *args], stderr=subprocess.PIPE, text=True,
            env={**os.environ, "FAKE_DEVICE": fake, "FAKE_RING":
                 os.path.join(files.top, "ring"),
                 "LD_PRELOAD": os.path.join(PRELOAD, "device.so"), **env})

    def line(self):
        return self.process.stderr.readline().rstrip("\n")

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def end(self):
        """Lines that were left, and its status."""
        self.process.send_signal(signal.SIGTERM)
        lines = self.process.stderr.read().splitlines()
        return lines, self.process.wait()


def one(folder):
    """The only file there, which is removed: what it says."""
    (name,) = os.listdir(folder)
    path = os.path.join(folder, name)
    head = load(path)
    os.unlink(path)
    return head


def reloads(files):
    first, second = (os.path.join(files.top, name) for name in ("first", "second"))
    os.mkdir(first)
    os.mkdir(second)
    files.put(f"[ttlogd]\nfolder = {first}\ntimer = 0\nservice = one\n")
    helper = Helper(files)
    tap.same(helper.line(), f"ttlogd: attached, files go to {first}", "its folder")
    files.put(f"[ttlogd]\nfolder = {second}\ntimer = x\n")
    helper.reload()
    tap.same([helper.line() for _ in range(3)], [
        f"{files.main}:3: key 'timer': 'x': 1 to 86400 seconds are accepted, or 0 for none",
        "ttlogd: the configuration stays what it was",
        f"ttlogd: opened the folder {first} again"], "a bad one is not taken, in no part")
    files.put(f"[ttlogd]\nfolder = {second}x\nservice = two\n")
    helper.reload()
    tap.same([helper.line() for _ in range(3)], [
        f"ttlogd: the folder {second}x: No such file or directory",
        "ttlogd: the configuration stays what it was",
        f"ttlogd: opened the folder {first} again"], "nor one with a folder that isn't there")
    lines, status = helper.end()
    tap.same((status, len(lines), one(first)["service"], os.listdir(second)),
             (0, 1, "one", []), "it goes on as before")
    files.put(f"[ttlogd]\nfolder = {first}\ntimer = 0\n")
    helper = Helper(files)
    helper.line()
    files.put(f"[ttlogd]\nfolder = {second}\ntimer = 1\nservice = two\n")
    helper.reload()
    tap.same(helper.line(), f"ttlogd: opened the folder {second} again", "a good one is taken")
    said = helper.line()
    tap.ok(said.startswith(f"ttlogd: {second}/ttlog-") and "-timer.bin is written" in said,
           f"its folder and its timer: {said}")
    head = one(second)
    tap.same((head["service"], head["reason"], os.listdir(first)), ("two", "timer", []),
             "and the recorder's name")
    helper.end()
    for name in os.listdir(second):
        os.unlink(os.path.join(second, name))


def starts(files):
    """A bad one ends it; but what the kernel starts saves what it was started for."""
    folder = os.path.join(files.top, "first")
    files.put(f"[ttlogd]\nfolder = {folder}\nservice = good\ntimer = x\n")
    said = (f"{files.main}:4: key 'timer': 'x': 1 to 86400 seconds are accepted, or 0 for "
            "none")
    helper = Helper(files)
    tap.same((helper.process.wait(), helper.process.stderr.read()), (USAGE, said + "\n"),
             "it doesn't start")
    once = Helper(files, "--once", fake="trigger=1")
    lines = once.process.stderr.read().splitlines()
    head = one(folder)
    tap.same((once.process.wait(), lines[:2], len(lines), head["service"], head["reason"]),
             (0, [said, "ttlogd: goes on with what is right of its configuration"], 3, "good",
              "why"), "ttlogd --once goes on with what is right")
    files.put(f"[ttlogd]\nfolder = {folder}/none\n")
    once = Helper(files, "--once", fake="MKDIR=13")
    tap.same((once.process.wait(), once.process.stderr.read().splitlines()), (0, [
        f"ttlogd: the folder {folder}/none: No such file or directory",
        "ttlogd: files go to /var/lib/ttlog instead"]), "and with the default folder")
    once = Helper(files, "--once", "-o", folder + "/none")
    tap.same((once.process.wait(), once.process.stderr.read().splitlines()), (FOLDER, [
        f"ttlogd: the folder {folder}/none: No such file or directory"]),
             "but not where an option names another")
    files.put(f"[ttlogd]\nfolder = {folder}\nkeep_bytes = 1\n")
    old = os.path.join(folder, "ttlog-1-20261101000000-timer.bin")
    with open(old, "wb") as file:
        file.write(bytes(1000))
    once = Helper(files, "--once", fake="trigger=1")
    tap.same((once.process.wait(), len(os.listdir(folder)), os.path.exists(old)),
             (0, 2, True), "ttlogd --once removes nothing, whatever the file says")


def program(files, name, what):
    path = os.path.join(files.top, name)
    with open(path, "w", encoding="ascii") as file:
        file.write(f"#!/bin/sh\n{what}\n")
    os.chmod(path, 0o755)
    return path


def hooks(files):
    """What is run for files, when they are there; it holds nothing up."""
    folder, ran = (os.path.join(files.top, name) for name in ("second", "ran"))
    first = program(files, "first.sh", f"""
        [ -s "$1" ] && [ "$1" = "$TTLOG_FILE" ] && echo "$TTLOG_REASON $TTLOG_SERVICE" >>{ran}""")
    hangs = program(files, "hangs.sh", f"echo hangs >>{ran}; exec sleep 60")

    def lines():
        with open(ran, encoding="ascii") as file:
            text = file.read().splitlines()
        os.unlink(ran)
        return text

    begin = f"[ttlogd]\nfolder = {folder}\ntimer = 0\n"
    files.put(f"{begin}service = web\nhook = {first}\n")
    helper = Helper(files, fake="trigger=1 then=3")
    for _ in range(3):
        helper.line()
    status = helper.end()[1]
    tap.same((status, sorted(lines())), (0, ["exit web", "then web", "why web"]),
             "for each file, also at its end")
    once = Helper(files, "--once", fake="trigger=1").process
    # Its hooks hold its error output, and may outlive it.
    once.stderr.read()
    tap.same((once.wait(), lines()), (0, ["why web"]), "ttlogd --once")
    files.put(f"{begin}hook_timeout = 1\n[reason why]\nhook = {hangs}\n[reason then]\n"
              f"hook = {first}\n")
    helper = Helper(files, fake="trigger=1 then=3")
    said = [helper.line() for _ in range(4)]
    tap.ok("-why.bin is written" in said[1] and "-then.bin is written" in said[2],
           "one that hangs doesn't hold up the next file")
    tap.ok(re.fullmatch(f"ttlogd: hook '{hangs}' for .*-why.bin takes more than 1 s and is "
                        "ended", said[3]), "and is ended in its time")
    helper.end()
    tap.same(lines(), ["hangs", "then ttlog"], "then the next is run")
    files.put(f"{begin}hook_timeout = 1\nhook = {hangs}\n[reason then]\nhook=\n")
    helper = Helper(files, fake="trigger=1 then=3")
    for _ in range(3):
        helper.line()
    text, status = helper.end()
    tap.same((status, sum("takes more than 1 s" in line for line in text), lines()),
             (0, 2, ["hangs", "hangs"]), "at its end it waits for those that hang, in their time")
    files.put(f"{begin}hook = /none\n")
    once = Helper(files, "--once", fake="trigger=1")
    said = once.process.stderr.read().splitlines()
    tap.ok(once.process.wait() == 0 and re.fullmatch(
        "ttlogd: hook '/none' can't be run for .*: No such file or directory", said[-1]),
           "one that is missing is no reason to fail")


def main():
    with tempfile.TemporaryDirectory() as top:
        files = Files(top)
        with open(os.path.join(top, "ring"), "wb") as ring:
            subprocess.run([os.path.join(HELPERS, "ringmake")], stdout=ring, check=True)
        forms(files)
        values(files)
        reasons(files)
        filters(files)
        several(files)
        reloads(files)
        starts(files)
        hooks(files)
    tap.done()


main()
