# SPDX-License-Identifier: GPL-2.0-only
"""What 'ttlog cat' makes of what a user wrote to fake lines: hostile.py TTLOG OUT.
Goes on with the results of tests/hostile/guest, whose number is in OUT/count."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../unit/lib"))
# pylint: disable=wrong-import-position
from snapfile import Tap, load

ALICE = 1001
LEVEL = "(emerg|alert|crit|err|warning|notice|info|debug)"
LINE = re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{9}}Z "
                  rf"(klog {LEVEL} kernel|cpu\d+ {LEVEL} (probe )?[^ ]+\[\d+(/\d+)?\] "
                  rf"uid=(?P<uid>\d+)( comm=[^ ]*)?( async)?( demoted)?): "
                  r"(?P<rest>.*)")
# What drives a terminal, ends a line, turns it around or is no character at all.
BAD = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f"
                 "\ufeff\udc80-\udcff]")

tap = Tap()
program, out = sys.argv[1:]
with open(os.path.join(out, "count"), encoding="ascii") as file:
    tap.tests = int(file.read())
with open(os.path.join(out, "lines"), encoding="ascii") as file:
    written = int(file.read())
path = os.path.join(out, "lines.bin")
events = load(path)["events"]


def cat(*options):
    result = subprocess.run([program, "cat", *options, path], check=False,
                            capture_output=True)
    tap.same((result.returncode, result.stderr), (0, b""),
             " ".join(("cat", *options)) + " prints what a user faked")
    text = result.stdout.decode("utf-8", "surrogateescape")
    return text[:-1].split("\n")


lines = cat()
tap.same(len(lines), len(events), "text: one line an event")
tap.same([line for line in lines if not LINE.fullmatch(line)][:3], [],
         "text: each line is made as a line is")
tap.same([line for line in lines if BAD.search(line)][:3], [],
         "text: nothing in them drives a terminal")
mine = [line for line in lines if LINE.fullmatch(line)
        and LINE.fullmatch(line)["uid"] == str(ALICE)]
tap.same([line for line in lines if "a faked line" in line and line not in mine], [],
         "text: what is faked bears its writer's uid")
tap.same(sum("a faked line" in line for line in mine), 4, "text: and is there")
tap.same([" klog info kernel: " in line for line in lines if "forged[" in line],
         [True] * 4, "text: what the kernel says of names is a line of its own")
objects = [json.loads(line) for line in cat("--json")]
tap.same(len(objects), len(events), "JSON: one object an event")
tap.same([(o["message"], o["uid"], o["kind"]) for o in objects],
         [(e["message"], e.get("uid", 0), e.get("kind", "log")) for e in events],
         "JSON: message, uid and kind as they are in the file")
faked = [o for o in objects if o["uid"] == ALICE][-written:]
tap.same((len(faked), faked[0]["message"][:9]), (written, "harmless\n"),
         f"JSON: all {written} of them are there")
tap.same([o for o in faked if o["kind"] != "log"], [],
         "JSON: none of the user's is of another kind")
tap.same([o for o in faked if "message_raw" in o and
          bytes.fromhex(o["message_raw"])[:2] != b"\xff\xfe" and
          bytes.fromhex(o["message_raw"])[:1] not in (b"h", b"\x9b")], [],
         "JSON: what isn't UTF-8 is there as bytes")
tap.done()
