# SPDX-License-Identifier: GPL-2.0-only
"""The command line where there is no device: options, messages, exit statuses."""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from snapfile import TOP, TTLOG, Tap, ttlog

tap = Tap()
USAGE, NOT_LOADED = 2, 3
COMMANDS = ("cat", "dump", "filter", "follow", "level", "log", "ls", "rate", "sample", "share",
            "stat", "verify")
LEVELS = "emerg, alert, crit, err, warning, notice, info, debug or 0 to 7"
LISTS = f"accepted are {LEVELS}, alone, as FROM..TO, or as a list of these with commas"


def fails(status, message, *args):
    got = ttlog(*args, input=b"")
    said = got.stderr.decode()
    if not tap.ok(got.returncode == status and f": {message}" in f": {said}" and
                  not got.stdout, f"ttlog {' '.join(args)!r}: {status}, {message.strip()}"):
        print(f"# {got.returncode}: {said!r}")


def usage():
    fails(USAGE, "Usage:")
    fails(USAGE, "there is no command 'frob': cat, dump, filter, follow, level, log, ls, probe, "
          "rate, sample, share, stat and verify are accepted\n", "frob")
    fails(USAGE, "there is no command 'frob': add, clear, del and list are accepted\n", "probe",
          "frob")
    fails(USAGE, "unrecognized option '--frob'\n", "--frob", "cat")
    fails(USAGE, "unexpected argument 'x'", "dump", "x")
    fails(USAGE, "unexpected argument 'x'", "follow", "x")
    fails(USAGE, "unexpected argument 'x'", "stat", "x")
    fails(USAGE, "Usage:", "verify")
    for bad in ("", "a/b", "a.b", "a b", "x" * 33, "é"):
        fails(USAGE, f"reason '{bad}': 1 to 32 of the characters A-Z a-z 0-9 _ - are "
              "accepted\n", "dump", "-r", bad)
    for bad in ("0", "601", "-1", "x", "1s", ""):
        fails(USAGE, f"timeout '{bad}': 1 to 600 seconds are accepted\n", "dump", "-t", bad)
    fails(USAGE, "output '': the path of a folder or of a new file is accepted\n",
          "dump", "-o", "")
    probe_usage()
    for bad in "loud", "err,loud":
        fails(USAGE, f"level '{bad}': {LISTS}\n", "level", bad)
    for bad in "", "loud", "err,", "none!":
        fails(USAGE, f"trigger '{bad}': accepted are {LEVELS}, or none\n", "level",
              f"--trigger={bad}")
    fails(USAGE, "one level or one list is accepted: 'info' is too much\n", "level", "err",
          "info")
    filter_usage()
    fails(USAGE, f"level '8': accepted are {LEVELS}\n", "log", "-p", "8", "x")
    for bad in "", "a b", "x" * 32, "\u00e9":
        fails(USAGE, f"service '{bad}': 1 to 31 printable ASCII characters without spaces are "
              "accepted\n", "log", "-s", bad, "x")
    for bad in "x", "=x":
        fails(USAGE, f"field '{bad}': KEY=VALUE or KEY:=VALUE is accepted\n", "log", "-f", bad,
              "x")


def probe_usage():
    fails(USAGE, "Usage:", "probe")
    for what in ("add", "del"):
        fails(USAGE, "Usage:", "probe", what)
        one = "function" if what == "add" else "probe"
        fails(USAGE, f"one {one} is accepted: 'b' is too much\n", "probe", what, "a", "b")
        accepted = ("SYMBOL or SYMBOL+OFFSET is accepted, with 1 to 127 printable ASCII "
                    "characters and a decimal or hexadecimal (0x) number") if what == "add" \
            else "an id, SYMBOL or SYMBOL+OFFSET is accepted"
        for bad in ("", "a b", "x" * 128, "+1", "a+", "a+x", "a+0x", "a+1g", "é",
                    "a+99999999999999999999"):
            fails(USAGE, f"{one} '{bad}': {accepted}\n", "probe", what, bad)
    add = "probe", "add"
    for bad in ("", "0", "1/s/s", "x", "9" * 20, "1000000001/s"):
        fails(USAGE, f"rate '{bad}': N/s with N from 1 to 1000000000 is accepted\n", *add,
              f"--rate={bad}", "a")
    for bad in "", "0", "1/0", "2/3", "x", "1/1000000001":
        fails(USAGE, f"sample '{bad}': 1/N with N from 1 to 1000000000 is accepted\n", *add,
              f"--sample={bad}", "a")
    for bad in "", "-1", "7", "x":
        fails(USAGE, f"args '{bad}': 0 to 6 are accepted\n", *add, f"--args={bad}", "a")
    fails(USAGE, f"level 'loud': accepted are {LEVELS}\n", *add, "--level=loud", "a")
    fails(USAGE, "reason 'a.b': 1 to 32 of the characters A-Z a-z 0-9 _ - are accepted\n", *add,
          "--trigger=a.b", "a")
    beginning = "--args is accepted at the beginning of a function only: not with "
    fails(USAGE, f"{beginning}--ret\n", *add, "--args=1", "--ret", "a")
    fails(USAGE, f"{beginning}an offset\n", *add, "--args=1", "a+8")
    fails(USAGE, "--ret is of a whole function: no offset is accepted with it\n", *add, "--ret",
          "a+8")
    for what in ("list", "clear"):
        fails(USAGE, "unexpected argument 'x'", "probe", what, "x")


def filter_usage():
    choices = LISTS
    service = ("1 to 31 printable ASCII characters are accepted, none but the inner ones a "
               "space")
    sample = "accepted is N or 1/N with N from 1 (all) to 1000000000"
    rate = "accepted is RATE or RATE/BURST, each from 1 to 1000000000 events, or none"
    fails(USAGE, f"level 'inherit': {choices}\n", "level", "inherit")
    fails(USAGE, f"level 'loud': {choices}, or inherit\n", "level", "-s", "a", "loud")
    fails(USAGE, "--trigger holds for all services: --service isn't accepted with it",
          "level", "-s", "a", "--trigger=err")
    for command in "level", "sample", "rate":
        for bad in ("", " a", "a ", "a\nb", "x" * 32, "é", "\x1b"):
            fails(USAGE, f"service '{bad}': {service}\n", command, "-s", bad)
    for command in "sample", "rate":
        fails(USAGE, f"levels 'err,': {choices}\n", command, "-l", "err,")
        fails(USAGE, "one value is accepted: '2' is too much", command, "1", "2")
    for bad in "", "0", "1/0", "1000000001", "none", "inherit":
        fails(USAGE, f"sample '{bad}': {sample}\n", "sample", bad)
    fails(USAGE, f"sample 'x': {sample}, or inherit\n", "sample", "x", "-s", "a")
    for bad in "", "0", "1/", "1/0", "1000000001", "inherit":
        fails(USAGE, f"rate '{bad}': {rate}\n", "rate", bad)
    fails(USAGE, f"rate 'x': {rate}, or inherit\n", "rate", "-s", "a", "x")
    for bad in "", "0", "1K/", "1T", "none", "1025M", "1/4159":
        fails(USAGE, f"share '{bad}': accepted is RATE or RATE/BURST in bytes, RATE from 1 and "
              "BURST from 4160 to 1G, with K, M or G as a unit or without\n", "share", bad)
    fails(USAGE, "one value is accepted: '2' is too much", "share", "1", "2")
    fails(USAGE, "'list': accepted are remove SERVICE, clear, or nothing", "filter", "list")
    fails(USAGE, "remove: the name of a service is missing", "filter", "remove")
    fails(USAGE, f"service 'a\x7f': {service}\n", "filter", "remove", "a\x7f")
    fails(USAGE, "unexpected argument 'b'", "filter", "remove", "a", "b")
    fails(USAGE, "unexpected argument 'b'", "filter", "clear", "b")
    for args in ("remove", "a"), ("clear",):
        fails(USAGE, "--json is accepted where filters are shown only", "filter", "--json", *args)


def help_and_version():
    with open(os.path.join(TOP, "user/version.h"), encoding="ascii") as file:
        version = re.search(r'"(.*)"', file.read())[1]
    for args in ((), *((name,) for name in COMMANDS)):
        got = ttlog(*args, "--help")
        name = " ".join(("ttlog",) + args)
        tap.ok(got.returncode == 0 and f"Usage: {name}".encode() in got.stdout
               and not got.stderr, f"{name} --help")
        got = ttlog(*args, "--version")
        tap.same(got.stdout.decode(), f"ttlog {version} (ABI 1.4)\n",
                 f"{name} --version")
    commands = ttlog("--help").stdout.decode()
    for name in COMMANDS:
        tap.ok(re.search(rf"^  {name} +\w", commands, re.M), f"help lists {name}")


def unprintable():
    """Also where the program ends within the library."""
    for args in ("--help",), ("--version",), ("dump", "--help"), ("cat", "--usage"):
        with open("/dev/full", "wb") as full:
            got = subprocess.run([TTLOG, *args], stdout=full, stderr=subprocess.PIPE,
                                 check=False)
        tap.same((got.returncode, got.stderr),
                 (1, b"ttlog: standard output: No space left on device\n"),
                 f"{' '.join(args)} that can't be printed")


def other_name():
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "ttlog-dump")
        os.symlink(TTLOG, name)
        got = subprocess.run([name, "--help"], capture_output=True, check=False)
        tap.ok(b"Usage: ttlog-dump [OPTION...]\n" in got.stdout,
               "ttlog-dump is ttlog dump")
        got = subprocess.run([name, "-r", "a/b"], capture_output=True,
                             check=False)
        tap.ok(got.returncode == USAGE and b"'a/b'" in got.stderr,
               "with its options")


def not_loaded():
    message = "/dev/ttlog: there is no such device: the module ttlog isn't loaded"
    fails(NOT_LOADED, message, "dump")
    fails(NOT_LOADED, message, "dump", "-o", "/tmp")
    fails(NOT_LOADED, message, "follow")
    fails(NOT_LOADED, message, "stat")
    fails(NOT_LOADED, message, "stat", "--json")
    fails(NOT_LOADED, message, "level")
    fails(NOT_LOADED, message, "level", "info")
    for args in (("level", "-s", "a"), ("sample",), ("sample", "9"), ("rate",), ("rate", "9"),
                 ("share",), ("share", "9"), ("filter",), ("filter", "--json"),
                 ("filter", "remove", "a"), ("filter", "clear")):
        fails(NOT_LOADED, message, *args)
    fails(NOT_LOADED, message, "log", "hello", "world")
    fails(NOT_LOADED, message, "log")


def manual():
    """ttlog(1) lists each option and each exit status."""
    with open(os.path.join(TOP, "user/man/ttlog.1"), encoding="utf-8") as file:
        page = file.read()
    plain = page.replace("\\-", "-")
    with open(os.path.join(TOP, "user/exit.h"), encoding="ascii") as file:
        statuses = re.findall(r"EXIT_\w+ = (\d)", file.read())
    listed = re.findall(r"^\.TP\n\.B (\d)$", page, re.M)
    tap.same(listed, statuses, "ttlog(1): the exit statuses of exit.h")
    for name in COMMANDS:
        options = re.findall(r"--([a-z]+)", ttlog(name, "--help").stdout.decode())
        missing = [o for o in options if f"--{o}" not in plain]
        tap.same(missing, [], f"ttlog(1): all options of {name}")


def main():
    usage()
    help_and_version()
    unprintable()
    other_name()
    manual()
    if os.path.exists("/dev/ttlog"):
        tap.ok(True, "not loaded # SKIP there is a device")
    else:
        not_loaded()
    tap.done()


main()
