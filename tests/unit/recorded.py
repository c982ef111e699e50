# SPDX-License-Identifier: GPL-2.0-only
"""Filters and the share of keep: what the commands set, show and say of each answer, on a
device that keeps them as the module does."""
import errno
import json
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from refuse import USER, with_device
from snapfile import HELPERS, Tap, content

import cbor2

tap = Tap()
OTHER, PERMISSION, VERSION = 1, 4, 7
LEVELS = "emerg alert crit err warning notice info debug".split()
HEAD = "SERVICE LEVELS SAMPLE RATE LOST"
ALL = "all services emerg..debug 1/1 none -"


class Module:
    """One that is loaded, with what it keeps."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "filters")

    def load(self):
        if os.path.exists(self.path):
            os.unlink(self.path)

    def run(self, *args, fake=""):
        return with_device((os.path.join(USER, "ttlog"), *args), fake,
                           FAKE_FILTERS=self.path)

    def says(self, status, message, *args, fake=""):
        got = self.run(*args, fake=fake)
        tap.same((got.returncode, got.stdout, got.stderr),
                 (status, "", f"ttlog: {message}\n" if message else ""),
                 f"ttlog {' '.join(args)} with '{fake}': {status}, {message}")

    def sets(self, *args):
        self.says(0, "", *args)

    def shows(self, lines, *args, fake=""):
        got = self.run(*args, fake=fake)
        tap.same((got.returncode, [" ".join(line.split()) for line in got.stdout.splitlines()],
                  got.stderr), (0, lines, ""), f"ttlog {' '.join(args)}: {lines}"[:160])

    def table(self, *lines, fake=""):
        self.shows([HEAD, *lines], "filter", fake=fake)


def levels(module):
    module.load()
    module.sets("level", "-s", "nginx", "warning")
    module.table(ALL, "nginx emerg..warning - - -")
    module.shows(["emerg,alert,crit,err,warning"], "level", "-s", "nginx")
    every = ",".join(LEVELS)
    module.shows([every + " (inherit)"], "level", "-s", "other")
    module.sets("level", "-s", "nginx", "emerg,info..debug")
    module.table(ALL, "nginx emerg,info..debug - - -")
    module.sets("level", "-s", "nginx", "inherit")
    module.table(ALL, "nginx - - - -")
    module.shows([every + " (inherit)"], "level", "-s", "nginx")
    module.load()
    module.shows(["emerg,alert (inherit)"], "level", "-s", "nginx", fake="levels=3")


def some_levels(module):
    """A filter of which somebody has set some levels, as no command does."""
    module.load()
    module.sets("level", "-s", "nginx", "debug")
    with open(module.path, "r+b") as file:
        # Its levels and what is recorded of these, behind that for all.
        file.seek(208 + 40)
        file.write(struct.pack("=II", 0x83, 0x01))
    module.table(ALL, "nginx emerg:yes,alert:no,debug:no - - -")
    module.shows(["emerg,crit,err,warning,notice,info "
                  "(inherit: crit,err,warning,notice,info)"], "level", "-s", "nginx")
    tap.same(json.loads(module.run("filter", "--json").stdout)[1]["levels"],
             {"emerg": True, "alert": False, "debug": False}, "as JSON")


def samples(module):
    module.load()
    module.sets("sample", "10")
    module.sets("sample", "-s", "nginx", "-l", "info..debug", "1/100")
    module.sets("sample", "-s", "nginx", "-l", "alert,debug", "1")
    module.table(ALL.replace("1/1", "1/10"), "nginx - alert:1/1,info:1/100,debug:1/1 - -")
    module.shows(["emerg 1/10 (inherit)", "alert 1/1", "crit 1/10 (inherit)",
                  "err 1/10 (inherit)", "warning 1/10 (inherit)", "notice 1/10 (inherit)",
                  "info 1/100", "debug 1/1"], "sample", "-s", "nginx")
    module.shows(["info 1/100"], "sample", "-s", "nginx", "-l", "info..info")
    module.shows(["emerg 1/10", "alert 1/10"], "sample", "-l", "alert")
    module.sets("sample", "-s", "nginx", "inherit")
    module.table(ALL.replace("1/1", "1/10"), "nginx - - - -")
    module.sets("sample", "-s", "nginx", "1000000000")
    module.table(ALL.replace("1/1", "1/10"), "nginx - 1/1000000000 - -")


def rates(module):
    module.load()
    module.sets("rate", "-l", "debug..debug", "1000000000")
    module.sets("rate", "-s", "nginx", "5/7")
    module.sets("rate", "-s", "nginx", "-l", "crit", "none")
    module.table("all services emerg..debug 1/1 "
                 "emerg..info:none,debug:1000000000/1000000000 -",
                 "nginx - - emerg..crit:none,err..debug:5/7 -")
    module.sets("rate", "-s", "nginx", "-l", "debug..debug", "inherit")
    module.shows(["emerg none", "alert none", "crit none", "err 5/7", "warning 5/7",
                  "notice 5/7", "info 5/7", "debug 1000000000/1000000000 (inherit)"],
                 "rate", "-s", "nginx")
    module.shows(["emerg none (inherit)"], "rate", "-s", "db", "-l", "emerg")
    module.sets("rate", "none")
    module.shows(["debug none"], "rate", "-l", "debug..debug")


def lists(module):
    module.load()
    module.sets("level", "-s", "a", "err")
    module.sets("rate", "-s", "b", "3/4")
    module.table(ALL, "a emerg..err - - filtered=5 sampled=10 limited=15",
                 "b - - 3/4 -", fake="left_out=5")
    got = json.loads(module.run("filter", "--json", fake="left_out=5").stdout)
    none = {"filtered": 0, "sampled": 0, "limited": 0}
    tap.same(got, [
        {"levels": {level: True for level in LEVELS}, "sample": {level: 1 for level in LEVELS},
         "rate": {level: None for level in LEVELS}, "burst": {}, "lost": none},
        {"service": "a", "levels": {level: i < 4 for i, level in enumerate(LEVELS)},
         "sample": {}, "rate": {}, "burst": {},
         "lost": {"filtered": 5, "sampled": 10, "limited": 15}},
        {"service": "b", "levels": {}, "sample": {}, "rate": {level: 3 for level in LEVELS},
         "burst": {level: 4 for level in LEVELS}, "lost": none}], "as JSON")
    module.sets("filter", "remove", "a")
    module.table(ALL, "b - - 3/4 -")
    module.says(OTHER, "service 'a': there is no filter for it: see 'ttlog filter'",
                "filter", "remove", "a")
    module.sets("sample", "2")
    module.sets("filter", "clear")
    module.table(ALL)
    module.sets("filter", "clear")


def most(module):
    module.load()
    for n in range(63):
        module.run("sample", "-s", f"s{n}", "2")
    module.says(OTHER, "service 'more': there are 64 filters already, as many as there can be: "
                "see 'ttlog filter'", "sample", "-s", "more", "2")
    lines = module.run("filter").stdout.splitlines()
    tap.same([line.split()[0] for line in lines[2:]], [f"s{n}" for n in range(63)],
             "all 64 are shown")
    module.table(ALL, *(f"s{n} - 1/2 - -" for n in range(63)), fake="astray=1")
    module.sets("filter", "remove", "s0")
    module.sets("sample", "-s", "more", "2")
    module.sets("filter", "clear")
    module.table(ALL)


def shares(module):
    module.load()
    module.shows(["4096/8192"], "share")
    module.sets("share", "64K/1M")
    module.shows(["65536/1048576"], "share")
    module.sets("share", "1G")
    module.shows(["1073741824/1073741824"], "share")


def stat(module):
    """Filters stand below what 'ttlog stat' shows, where they leave something out."""
    def below(fake=""):
        text = module.run("stat", fake=fake).stdout
        return [" ".join(line.split()) for line in text.split("\n\n", 2)[2].splitlines()] \
            if text.count("\n\n") > 1 else []

    def as_json(fake=""):
        got = json.loads(module.run("stat", "--json", fake=fake).stdout)
        return got.get("share"), got.get("filters")

    module.load()
    tap.same((below(), as_json()), ([], ({"rate": 4096, "burst": 8192}, [])),
             "stat: no filters, and the share")
    tap.ok("\nshare     4096 bytes of keep a second for a user, 8192 at once\n\n" in
           module.run("stat").stdout, "the share as text")
    module.sets("sample", "-s", "nginx", "-l", "err..err", "5")
    tap.same(below("left_out=2"), [HEAD, "nginx - err:1/5 - filtered=2 sampled=4 limited=6"],
             "stat: that of a service")
    tap.same(as_json("left_out=2")[1],
             [{"service": "nginx", "levels": {}, "sample": {"err": 5}, "rate": {}, "burst": {},
               "lost": {"filtered": 2, "sampled": 4, "limited": 6}}], "as JSON")
    module.sets("rate", "-l", "alert..alert", "9/8")
    tap.same(below(), [HEAD, "all services emerg..debug 1/1 "
                       "emerg:none,alert:9/8,crit..debug:none -", "nginx - err:1/5 - -"],
             "stat: that for all, as soon as it isn't the default")
    older = f"FILTER={errno.ENOTTY} SHARE={errno.ENOTTY}"
    tap.same((below(older), as_json(older)), ([], (None, None)), "stat: an older module")
    tap.ok("share" not in module.run("stat", fake=older).stdout, "of which no share is told")


def snapshots(module, folder):
    """What 'ttlog dump' and the helper write has the filters in force."""
    path = os.path.join(folder, "out.bin")

    def dumped(fake=""):
        got = module.run("dump", "-o", path, fake=fake)
        whole = cbor2.loads(content(path)) if not got.returncode else {}
        checked = module.run("verify", path)
        text = module.run("cat", "--json", "--info", path).stdout
        os.unlink(path)
        tap.same((got.returncode, got.stderr, checked.returncode,
                  json.loads(text.splitlines()[0]).get("filters")),
                 (0, "", 0, whole.get("filters")), f"a snapshot, and what cat prints of it {fake}")
        return whole.get("filters")

    module.load()
    module.sets("sample", "-s", "nginx", "-l", "err..err", "5")
    module.sets("rate", "-s", "db", "7/8")
    wanted = json.loads(module.run("filter", "--json", fake="left_out=2").stdout)
    tap.same(dumped("left_out=2"), wanted, "its filters are those of 'ttlog filter --json'")
    tap.same(dumped(f"FILTER={errno.ENOTTY}"), None, "an older module: no filters")
    tap.same(dumped("FILTER@2=5"), None, "nor where they can't be read to the end")
    out = os.path.join(folder, "out")
    os.mkdir(out)
    with open(os.path.join(folder, "ring"), "wb") as ring:
        subprocess.run([os.path.join(HELPERS, "ringmake")], stdout=ring, check=True)
    with_device((os.path.join(USER, "ttlogd"), "-o", out, "-t", "0"),
                "trigger=1 stop=1 left_out=2", FAKE_FILTERS=module.path,
                FAKE_RING=os.path.join(folder, "ring"))
    heads = {head["reason"]: head.get("filters") for head in
             (cbor2.loads(content(os.path.join(out, name))) for name in os.listdir(out))}
    tap.same(heads, {"why": wanted, "exit": wanted}, "so do the helper's")
    module.load()
    for n in range(63):
        name = f"{n:02}" + "x" * 29
        module.run("level", "-s", name, "emerg,crit,warning,info")
        module.run("sample", "-s", name, "1000000000")
        module.run("rate", "-s", name, "1000000000")
    tap.same(dumped(), json.loads(module.run("filter", "--json").stdout), "64, the largest")


def refusals(module):
    module.load()
    module.sets("level", "-s", "a", "err")
    reads = (("level", "-s", "a"), ("sample",), ("rate", "-s", "a"), ("filter",),
             ("filter", "--json"), ("filter", "clear"))
    sets = (("level", "-s", "a", "err"), ("level", "-s", "a", "inherit"), ("sample", "2"),
            ("rate", "-s", "a", "2"))
    for doing, commands, each in (("read the filters", reads, "FILTER"),
                                  ("set a filter", sets, "FILTER"),
                                  ("remove a filter", (("filter", "remove", "a"),), "FILTER"),
                                  ("read the share of keep", (("share",),), "SHARE"),
                                  ("set the share of keep", (("share", "1"),), "SHARE")):
        for args in commands:
            module.says(VERSION, f"cannot {doing}: that needs a module of ABI 1.4 or newer, the "
                        "one that is loaded is 1.3", *args,
                        fake=f"abi_minor=3 {each}={errno.ENOTTY}")
            module.says(OTHER, f"/dev/ttlog: cannot {doing}: Input/output error", *args,
                        fake=f"{each}={errno.EIO}")
    for doing, args, each in (("set a filter", ("sample", "2"), "FILTER"),
                              ("remove a filter", ("filter", "clear"), "FILTER"),
                              ("remove a filter", ("filter", "remove", "a"), "FILTER"),
                              ("set the share of keep", ("share", "1"), "SHARE")):
        module.says(PERMISSION, f"no permission to {doing}: it takes CAP_SYS_ADMIN", *args,
                    fake=f"{each}_SET={errno.EPERM}")
    module.says(OTHER, "/dev/ttlog: cannot set a filter: Cannot allocate memory", "rate", "1",
                fake=f"FILTER_SET={errno.ENOMEM}")
    module.table(ALL, "a emerg..err - - -")


def main():
    with tempfile.TemporaryDirectory() as folder:
        module = Module(folder)
        levels(module)
        some_levels(module)
        samples(module)
        rates(module)
        lists(module)
        most(module)
        shares(module)
        stat(module)
        snapshots(module, folder)
        refusals(module)
    tap.done()


main()
