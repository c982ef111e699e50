# SPDX-License-Identifier: GPL-2.0-only
"""Read a snapshot file with tools that know nothing of ttlog."""
import os
import subprocess
import sys

import cbor2

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))
HELPERS = os.path.join(TOP, ".build/tests/unit/helpers")
TTLOG = os.path.join(HELPERS, "ttlog")
SNAPMAKE = os.path.join(HELPERS, "snapmake")


def content(path):
    """The CBOR in a file."""
    return subprocess.run(["lz4", "-dc", path], check=True,
                          stdout=subprocess.PIPE).stdout


def load(path):
    return cbor2.loads(content(path))


def make(kind, folder, *name):
    """Have the shipped code write a snapshot. Returns its path."""
    out = subprocess.run([SNAPMAKE, kind, folder, *name], check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    return out.rstrip("\n")


def compress(data):
    """A frame of this content, made by others."""
    return subprocess.run(["lz4", "-q", "-c", "-B4", "-BX"], input=data,
                          stdout=subprocess.PIPE, check=True).stdout


def store(path, snapshot):
    """A file of it."""
    with open(path, "wb") as file:
        file.write(compress(cbor2.dumps(snapshot)))


def ttlog(*args, **kwargs):
    """Run the program. Returns what subprocess.run() does, output as bytes."""
    return subprocess.run([TTLOG, *args], capture_output=True, check=False,
                          **kwargs)


class Tap:
    """Results as the Test Anything Protocol has them."""

    def __init__(self):
        self.tests = 0
        self.failures = 0

    def ok(self, good, what):
        self.tests += 1
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} {self.tests} - {what}", flush=True)
        return good

    def same(self, got, expected, what):
        if not self.ok(got == expected, what):
            print(f"# expected {expected!r}\n# got      {got!r}")

    def done(self):
        print(f"1..{self.tests}")
        sys.exit(1 if self.failures else 0)
