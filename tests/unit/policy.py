# SPDX-License-Identifier: GPL-2.0-only
"""What the helper's files say of filters and of the share of keep comes into force, and what
can't is said: by ttlogd --configure, at the helper's start, and when it is to reload."""
import errno
import os
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from refuse import PRELOAD, USER, with_device
from snapfile import Tap

tap = Tap()
OTHER, USAGE, NOT_LOADED, PERMISSION, VERSION = 1, 2, 3, 4, 7
ALL = "all services emerg..debug 1/1 none -"
NO_CAP = (" isn't as the configuration says: to change it takes CAP_SYS_ADMIN, as 'ttlogd "
          "--configure' has when root runs it")
MAY_NOT = f"FILTER_SET={errno.EPERM} SHARE_SET={errno.EPERM}"


class Machine:
    """One with a module that keeps filters, and the files of a helper."""

    def __init__(self, top):
        self.top = top
        self.main, self.kept, self.out = (os.path.join(top, name)
                                          for name in ("main", "kept", "out"))
        self.env = {"FAKE_FILTERS": self.kept}
        os.mkdir(self.out)

    def put(self, text):
        with open(self.main, "w", encoding="ascii") as file:
            file.write(f"[ttlogd]\nfolder = {self.out}\ntimer = 0\n{text}")

    def load(self, *commands):
        """The module, with what somebody has set since."""
        if os.path.exists(self.kept):
            os.unlink(self.kept)
        for command in commands:
            self.ttlog(*command.split())

    def ttlog(self, *args):
        return with_device((os.path.join(USER, "ttlog"), *args), **self.env).stdout

    def table(self):
        return [" ".join(line.split()) for line in self.ttlog("filter").splitlines()[1:]]

    def configure(self, what, status, said, table, fake="", **env):
        got = with_device((os.path.join(USER, "ttlogd"), "--configure", "--config", self.main),
                          fake, **self.env, **env)
        tap.same((got.returncode, got.stdout, got.stderr.splitlines(), self.table()),
                 (status, "", said, table), what)

    def helper(self, what, status, said, fake=""):
        """It ends when it has nothing more to do, having said that before it is attached."""
        got = with_device((os.path.join(USER, "ttlogd"), "--config", self.main),
                          fake + " stop=1", **self.env)
        said = [f"ttlogd: {line}" for line in said] + [
            f"ttlogd: attached, files go to {self.out}"] * (not status)
        tap.same((got.returncode, got.stderr.splitlines()[:len(said)]), (status, said), what)


def exact(machine):
    """Filters are those of the files, and no others."""
    machine.load("sample -s other 7", "level err", "rate -s nginx 9")
    set_by_hand = machine.table()
    machine.put("")
    machine.configure("no sections: filters are left alone", 0, [], set_by_hand)
    machine.put("[filter]\n")
    machine.configure("a section that says nothing: no filters", 0, [], [ALL])
    machine.put("[filter]\nlevels = info\nsample.debug = 100\nrate = 5/6\nrate.err = none\n"
                "[filter nginx]\nlevels = err..err\nsample = 1\nsample.debug = inherit\n"
                "rate.info = 1000\n[filter empty]\n[filter too]\nlevels=inherit\nrate=inherit\n")
    table = ["all services emerg..info emerg..info:1/1,debug:1/100 "
             "emerg..crit:5/6,err:none,warning..debug:5/6 -",
             "nginx err emerg..info:1/1 info:1000/1000 -"]
    machine.configure("what sections say; those that say nothing make none", 0, [], table)
    machine.configure("what is so already isn't set again", 0, [], table,
                      fake=f"{MAY_NOT} tell=1")
    machine.put("[filter nginx]\nlevels = err..err\nrate.info = 1000/2\n[filter db]\nsample=2\n")
    machine.configure("each level that differs, and no other", 0, [
        "filter '': 13 of 0xf7",
        "filter 'nginx': 13 of 0x7f", "filter 'db': 14 of 0xff"],
                      [ALL, "nginx err - info:1000/2 -", "db - 1/2 - -"], fake="tell=1")
    machine.put("[filter nginx]\nlevels = err..err\nrate.info = 1000/3\n[filter db]\nsample=2\n")
    machine.configure("be it its burst alone", 0, ["filter 'nginx': 13 of 0x40"],
                      [ALL, "nginx err - info:1000/3 -", "db - 1/2 - -"], fake="tell=1")
    machine.put("[filter nginx]\nrate.info = 1000/2\n[filter]\nlevels = notice\n")
    machine.configure("also what is to be as for all again", 0, [
        "filter 'db': 16 of 0", "filter '': 13 of 0xc0", "filter 'nginx': 14 of 0xff"],
                      [ALL.replace("debug", "notice"), "nginx - - info:1000/2 -"],
                      fake="tell=1")


def share(machine):
    machine.load()
    machine.put("[share]\nrate = 64K/1M\n")
    machine.configure("the share", 0, [], [ALL])
    tap.same(machine.ttlog("share"), "65536/1048576\n", "is set")
    machine.configure("and not again", 0, [], [ALL], fake=MAY_NOT)
    machine.put("[share]\nrate = 1G\n")
    machine.configure("the largest", 0, [], [ALL])
    tap.same(machine.ttlog("share"), "1073741824/1073741824\n", "is set")
    machine.put("")
    machine.configure("without a section", 0, [], [ALL])
    tap.same(machine.ttlog("share"), "1073741824/1073741824\n", "it stays")


def loaded(machine):
    """What no section says is what the module was loaded with."""
    root = os.path.join(machine.top, "root")
    folder = os.path.join(root, "sys/module/ttlog/parameters")
    os.makedirs(folder)
    machine.put("[filter]\n")
    for text, levels in (("warning", "emerg..warning"), ("3", "emerg..err"),
                         ("(null)", "emerg..debug"), ("", "emerg..debug")):
        machine.load("level crit")
        with open(os.path.join(folder, "level"), "w", encoding="ascii") as file:
            file.write(text + "\n")
        machine.configure(f"loaded with level={text}", 0, [],
                          [ALL.replace("emerg..debug", levels)], FAKE_ROOT=root)


def wrong(machine):
    machine.load("sample -s other 7")
    other = [ALL, "other - 1/7 - -"]
    machine.put("[filter]\nsample = 5\nrate = x\n")
    machine.configure("files with something wrong change nothing", USAGE, [
        f"{machine.main}:6: key 'rate': 'x': RATE or RATE/BURST, each from 1 to 1000000000 "
        "events, or none, is accepted, or for a service inherit"], other)
    machine.put("[filter]\nsample = 5\n")
    os.rename(machine.out, machine.out + ".gone")
    machine.configure("nor those of which a helper would take nothing", USAGE, [
        f"ttlogd: the folder {machine.out}: No such file or directory",
        f"{machine.main}:2: key 'folder': '{machine.out}': the path of a folder that is there "
        "is accepted"], other)
    os.rename(machine.out + ".gone", machine.out)
    machine.put("[filter a]\nsample = 5\n[share]\nrate = 1\n")
    machine.configure("who isn't permitted to", PERMISSION, [
        "ttlogd: the filter of service 'other'" + NO_CAP,
        "ttlogd: the filter of service 'a'" + NO_CAP,
        "ttlogd: the share of keep" + NO_CAP], other, fake=MAY_NOT)
    machine.put("[filter]\nlevels = err\n")
    machine.configure("nor may who isn't permitted to set that for all", PERMISSION, [
        "ttlogd: the filter of service 'other'" + NO_CAP,
        "ttlogd: the filter of all services" + NO_CAP], other, fake=MAY_NOT)
    machine.put("[filter a]\nsample = 5\n[share]\nrate = 1\n")
    machine.configure("one that fails", OTHER, [
        "ttlogd: the filter of service 'other' isn't as the configuration says",
        "ttlogd: /dev/ttlog: cannot remove a filter: Cannot allocate memory"],
                      [other[0], other[1], "a - 1/5 - -"], fake="FILTER_SET@1=12")
    tap.same(machine.ttlog("share"), "1/4160\n", "keeps the others from nothing")
    machine.configure("no device", NOT_LOADED, [
        "ttlogd: /dev/ttlog: there is no such device: the module ttlog isn't loaded"],
                      [other[0], other[1], "a - 1/5 - -"], fake="OPEN=2")
    for args in ("--once",), ("--check-config",):
        got = with_device((os.path.join(USER, "ttlogd"), "--configure", *args))
        tap.ok(got.returncode == USAGE and "--configure is accepted alone: not with "
               f"{args[0]}\n" in got.stderr, f"--configure with {args[0]}")


def older(machine):
    """A module that knows none of it."""
    machine.load()
    none = f"abi_minor=3 FILTER={errno.ENOTTY} SHARE={errno.ENOTTY}"
    needs = ": that needs a module of ABI 1.4 or newer, the one that is loaded is 1.3"
    machine.put("")
    machine.configure("an older module, and nothing to do", 0, [], [ALL], fake=none)
    machine.helper("nor for the helper", 0, [], fake=none)
    machine.put("[filter]\nsample = 5\n[share]\nrate = 1\n")
    said = ["what is recorded isn't as the configuration says",
            "cannot read the filters" + needs,
            "the share of keep isn't as the configuration says",
            "cannot set the share of keep" + needs]
    machine.configure("an older module, and something to do", VERSION,
                      [f"ttlogd: {line}" for line in said], [ALL], fake=none)
    machine.helper("of which the helper goes on", 0, said, fake=none)
    machine.put("[filter]\n")
    machine.configure("what can't be read otherwise", OTHER, [
        "ttlogd: what is recorded isn't as the configuration says",
        "ttlogd: /dev/ttlog: cannot read the filters: Input/output error"], [ALL],
                      fake="FILTER=5")


def starts(machine):
    machine.load("sample -s other 7")
    other = "other - 1/7 - -"
    machine.put("")
    machine.helper("a helper without sections", 0, [], fake=MAY_NOT)
    tap.same(machine.table(), [ALL, other], "leaves filters alone")
    machine.put("[filter a]\nsample = 5\n")
    machine.helper("one that may not set them says so, and goes on", 0, [
        "the filter of service 'other'" + NO_CAP, "the filter of service 'a'" + NO_CAP],
                   fake=MAY_NOT)
    tap.same(machine.table(), [ALL, other], "and changes none")
    got = with_device((os.path.join(USER, "ttlogd"), "--config", machine.main, "--once"),
                      **machine.env)
    tap.same((got.returncode, got.stderr, machine.table()), (0, "", [ALL, other]),
             "ttlogd --once doesn't either")
    machine.helper("one that may", 0, [])
    tap.same(machine.table(), [ALL, "a - 1/5 - -"], "sets them")


def reloads(machine):
    machine.load("sample -s other 7")
    machine.put("")
    with subprocess.Popen([os.path.join(USER, "ttlogd"), "--config", machine.main],
                          stderr=subprocess.PIPE, text=True,
                          env={**os.environ, **machine.env, "FAKE_DEVICE": "",
                               "LD_PRELOAD": os.path.join(PRELOAD, "device.so")}) as helper:
        helper.stderr.readline()
        for text, wrong_line, table, what in (
                ("", "", [ALL, "other - 1/7 - -"], "no sections"),
                ("[filter a]\nsample = 5\n", "", [ALL, "a - 1/5 - -"], "a section"),
                ("[filter a]\nsample = x\n", "bad", [ALL, "a - 1/5 - -"], "a bad one"),
                ("", "", [ALL, "a - 1/5 - -"], "no sections any more: they are left alone"),
                (None, "", [ALL, "a - 1/5 - -", "mine - 1/3 - -"], "none again"),
                ("[filter]\n", "", [ALL], "a section that says nothing")):
            if text is None:
                machine.ttlog("sample", "-s", "mine", "3")
            else:
                machine.put(text)
            helper.send_signal(signal.SIGHUP)
            lines = [helper.stderr.readline() for _ in range(3 if wrong_line else 1)]
            tap.same((lines[-1], machine.table()),
                     (f"ttlogd: opened the folder {machine.out} again\n", table),
                     f"a reload: {what}")
        helper.send_signal(signal.SIGTERM)
        helper.stderr.read()


def main():
    with tempfile.TemporaryDirectory() as top:
        machine = Machine(top)
        exact(machine)
        share(machine)
        loaded(machine)
        wrong(machine)
        older(machine)
        starts(machine)
        reloads(machine)
    tap.done()


main()
