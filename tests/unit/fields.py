# SPDX-License-Identifier: GPL-2.0-only
"""Fields and their types, all the way: what ttlog log writes goes into a ring, from there
into a file, and from that into JSON."""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from refuse import USER, with_device
from snapfile import HELPERS, Tap, load

tap = Tap()
TTLOG = os.path.join(USER, "ttlog")

# As -f has it; what it is then.
FIELDS = (
    ("text=two words", "two words"), ("digits=900", "900"), ("no=", ""),
    ("colon=a:=1", "a:=1"), ("word=true", "true"), ("umlaut=\u00fc", "\u00fc"),
    ("zero:=0", 0), ("int:=900", 900), ("negative:=-1", -1),
    ("most:=18446744073709551615", 2 ** 64 - 1), ("least:=-9223372036854775808", -2 ** 63),
    ("over:=18446744073709551616", 1.8446744073709552e19),
    ("under:=-9223372036854775809", -9.223372036854775808e18),
    ("half:=0.5", 0.5), ("tenth:=0.1", 0.1), ("whole:=2.0", 2.0), ("power:=1e3", 1000.0),
    ("small:=-1.5E-300", -1.5e-300), ("sign:=-0", -0.0),
    ("yes:=true", True), ("never:=false", False),
    # What isn't a number as JSON has it is text.
    ("octal:=007", "007"), ("plus:=+1", "+1"), ("hex:=0x10", "0x10"), ("nan:=nan", "nan"),
    ("huge:=1e999", "1e999"), ("dot:=1.", "1."), ("True:=True", "True"), ("empty:=", ""),
)


def typed(fields):
    """True isn't 1 then, 2.0 isn't 2, and -0.0 isn't 0.0."""
    return {key: repr(value) for key, value in fields.items()}


def carry(folder, *args):
    """An event's fields in the file, and in JSON."""
    events, ring, file = (os.path.join(folder, name) for name in ("events", "ring", "file"))
    got = with_device([TTLOG, "log", *args, "said"], FAKE_EVENTS=events)
    tap.same((got.returncode, got.stderr), (0, ""), "it is written")
    with open(events, "rb") as written:
        text = written.read()
    # The module takes these three bytes for the level.
    tap.same(text[:8], b"<6>said\0", "level and message, then the fields")
    with open(ring, "wb") as to:
        subprocess.run([os.path.join(HELPERS, "ringmake"), "text"], input=text[3:],
                       stdout=to, check=True)
    with_device([TTLOG, "dump", "-o", file], FAKE_RING=ring)
    cat = subprocess.run([TTLOG, "cat", "--json", file], stdout=subprocess.PIPE, check=True)
    found = load(file)["events"][0]["fields"], json.loads(cat.stdout)["fields"]
    for path in events, ring, file:
        os.unlink(path)
    return found


def main():
    expected = {text.split("=")[0].removesuffix(":"): value for text, value in FIELDS}
    with tempfile.TemporaryDirectory() as folder:
        args = [arg for text, _ in FIELDS for arg in ("-f", text)]
        in_file, in_json = carry(folder, *args)
        tap.same(typed(in_file), typed(expected), "in the file each has its type")
        tap.same(typed(in_json), typed(expected), "and in JSON")
        for found in carry(folder, "-f", "a=1", "-f", "b:=2", "-f", "a:=1", "-f", "a:=1.0",
                           "-f", "a:=true"):
            tap.same(typed(found), typed({"a": ["1", 1, 1.0, True], "b": 2}),
                     "several of one key, each of its own type")
    tap.done()


main()
