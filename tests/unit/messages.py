# SPDX-License-Identifier: GPL-2.0-only
"""Each message that ttlog-troubleshooting(7) and the README explain is one that the source
prints, to the letter. With --unkeyed: those that neither explains."""
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from formats import HOLE, Formats
from snapfile import TOP, Tap

PAGE = "user/man/ttlog-troubleshooting.7"
README = "README.md"
SOURCES = ["kmod/**/*.[ch]", "user/*.[ch]", "tools/debian/*.p*", "tools/kdump/**/*.*",
           "tools/systemd/*"]

# What stands for a character in a page.
ESCAPES = {r"\-": "-", r"\(aq": "'", r"\(dq": '"', r"\e": "\\", r"\&": "", r"\(ti": "~"}
TAG = re.compile(r"\.(?:B|BI) (.*)")
ARGUMENT = re.compile(r'"((?:[^"]|"")*)"|(\S+)')
WORD = re.compile(r"[a-z]{2,}")


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def sources():
    paths = [path for pattern in SOURCES
             for path in glob.glob(os.path.join(TOP, pattern), recursive=True)]
    return {os.path.relpath(path, TOP): read(path) for path in sorted(paths)}


class Message:
    """One that is explained: where, as it is read, and with holes for what varies."""

    def __init__(self, place, text, holes):
        self.place = place
        self.text = text
        self.holes = holes

    def __str__(self):
        return f"{self.place}: {self.text}"

    def wrong(self):
        """Itself with one word changed, for each that it has."""
        for word in WORD.finditer(self.holes):
            yield self.holes[:word.start()] + word[0][::-1] + "q" + self.holes[word.end():]


def plain(text):
    return re.sub("|".join(map(re.escape, ESCAPES)), lambda found: ESCAPES[found[0]], text)


def page_messages(text, names):
    """The tags. Every other argument of .BI is a name for what varies, added to names."""
    lines = text.splitlines()
    for number, (above, line) in enumerate(zip(lines, lines[1:]), 2):
        if above not in (".TP", ".TQ"):
            continue
        tag = TAG.fullmatch(line)
        pieces = [plain(quoted.replace('""', '"') or bare)
                  for quoted, bare in ARGUMENT.findall(tag[1] if tag else "")]
        names.update(pieces[1::2])
        pieces[1::2], shown = [HOLE] * len(pieces[1::2]), "".join(pieces)
        yield Message(f"{PAGE}:{number}", shown, "".join(pieces))


def readme_messages(text, names):
    """The first cells of the table: what varies is called as in the page."""
    name = re.compile(r"\b(?:" + "|".join(sorted(names, key=len, reverse=True)) + r")\b")
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("## "):
            inside = line == "## Troubleshooting"
        cell = re.match(r"\| `(.*?)` \|", line)
        if inside and cell:
            yield Message(f"{README}:{number}", cell[1], name.sub(HOLE, cell[1]))


def unknown(formats, messages):
    return [message for message in messages if not formats.find(message.holes)]


def check(tap, formats, messages, what):
    bad = unknown(formats, messages)
    tap.ok(not bad, what)
    for message in bad:
        print(f"# {message.place}: nothing prints this: {message.text}")


def check_itself(tap, formats, messages):
    """What is invented is noticed, and each word of what is not."""
    names = set()
    page = f'.TP\n.BI "the flux of " FILE " is inverted"\n.TP\n.BI "{messages[0].holes}q"\n'
    bad = unknown(formats, page_messages(page, names))
    tap.same([(message.place, names) for message in bad],
             [(f"{PAGE}:2", {"FILE"}), (f"{PAGE}:4", {"FILE"})], "invented ones are noticed")
    missed = [f"{message}: as {wrong.replace(HOLE, '%')}" for message in messages
              for wrong in message.wrong() if formats.find(wrong)]
    tap.ok(not missed, "so is each word that is changed")
    print("".join(f"# {text}\n" for text in missed), end="")


def explains(message, form):
    """Does it, by one that is like it, or as a part of one?"""
    text = "".join(part if isinstance(part, str) else HOLE for part in form.parts)
    like = ".+".join(map(re.escape, message.holes.split(HOLE)))
    return message.holes.endswith(text) or re.fullmatch(like, text)


def unkeyed(formats, messages):
    """Messages of the source that nothing explains."""
    keyed = {f for message in messages for f in formats.find(message.holes)}
    return [f for f in formats.all if f.is_message() and f not in keyed and
            not any(explains(message, f) for message in messages)]


def main():
    tap, names = Tap(), set()
    formats = Formats(sources())
    page = list(page_messages(read(PAGE), names))
    if sys.argv[1:] == ["--unkeyed"]:
        for form in unkeyed(formats, page):
            print(f"{form.place}: {form}")
        return
    readme = list(readme_messages(read(README), names))
    # So many there were when it was written.
    tap.ok(len(page) >= 180, f"the page has {len(page)} messages")
    tap.ok(len(readme) >= 12, f"the README has {len(readme)}")
    check(tap, formats, page, "each of the page's is in the source")
    check(tap, formats, readme, "each of the README's, too")
    known = [message.holes for message in page]
    tap.same(sorted({text for text in known if known.count(text) > 1}), [],
             "none is explained twice")
    tap.same([str(m) for m in readme if m.holes not in known], [], "the page has the README's")
    check_itself(tap, formats, page)
    total = sum(1 for form in formats.all if form.is_message())
    print(f"# {len(unkeyed(formats, page))} of {total} strings that are messages have no key")
    tap.done()


main()
