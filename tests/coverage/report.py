# SPDX-License-Identifier: GPL-2.0-only
"""Which lines and branches were run: report.py TREE REASONS OUT [GCDA-FOLDER]...

Sums what all objects of a source say, in the tree itself and in the folders that
guests left. Prints a table and what wasn't run; writes OUT/FILE.txt, each line with
how often it ran and, where that is less than all, how many of its branches were taken.
Fails if a line that wasn't run is in no entry of REASONS, or an
entry covers none.

REASONS has a line for each entry: FILE:FUNCTION: TEXT # REASON, where TEXT is the
line's source without the space around it (a shell pattern; "*": all lines of the
function that weren't run)."""
import collections
import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys

# The tests of kmod/ are in a folder of that name.
SOURCES = re.compile(r"(?<!/tests/)\b(?:user|kmod)/[a-z_0-9]+\.[ch]$")


class Source:
    """What is known of a source: it is the same in all objects."""

    def __init__(self):
        self.lines = collections.Counter()
        self.function = {}
        self.branches = {}	# line: counts, by object's order

    def add_line(self, line):
        number = line["line_number"]
        self.lines[number] += line["count"]
        self.function.setdefault(number, line.get("function_name", ""))
        counts = [branch["count"] for branch in line["branches"]]
        if not counts:
            return
        known = self.branches.setdefault(number, {})
        # Compiled otherwise they are others: the kind that went furthest counts.
        of_kind = known.setdefault(len(counts), [0] * len(counts))
        known[len(counts)] = [a + b for a, b in zip(of_kind, counts)]

    def branches_of(self, number):
        kinds = self.branches.get(number)
        return max(kinds.values(), key=lambda counts: sum(map(bool, counts)) / len(counts)) \
            if kinds else []

    def branch_counts(self):
        return [count for number in self.branches for count in self.branches_of(number)]


def data_files(folder):
    for path, _, names in os.walk(folder):
        yield from (os.path.join(path, name) for name in names if name.endswith(".gcda"))


def copy_stamped(path, notes, to):
    """What is built anew while tests run has another stamp, at the same place of both
    files; whether it is the same code is told by a checksum of each function."""
    with open(path, "rb") as data, open(notes, "rb") as file, open(to, "wb") as copy:
        counts = data.read()
        copy.write(counts[:8] + file.read(12)[8:] + counts[12:])


def stage(folder, out):
    """The counts of a guest beside the notes of what was built here."""
    for path in list(data_files(folder)):
        origin = "/" + os.path.relpath(path, folder)
        notes = os.path.realpath(origin[:-5] + ".gcno")
        if os.path.exists(notes):
            to = os.path.join(out, os.path.relpath(path, os.path.dirname(folder)))
            os.makedirs(os.path.dirname(to), exist_ok=True)
            copy_stamped(path, notes, to)
            shutil.copy(notes, to[:-5] + ".gcno")


def gcov(paths):
    """The objects that gcov knows, one a time."""
    for begin in range(0, len(paths), 50):
        said = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities",
                               *paths[begin:begin + 50]], check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True).stdout
        yield from (json.loads(line) for line in said.splitlines() if line)


def collect(tree, folders):
    sources = collections.defaultdict(Source)
    paths = [path for folder in folders for path in data_files(folder)]
    for one in gcov(paths):
        for file in one["files"]:
            path = os.path.join(one["current_working_directory"], file["file"])
            match = SOURCES.search(os.path.normpath(path))
            if not match or not os.path.exists(os.path.join(tree, match[0])):
                continue
            for line in file["lines"]:
                sources[match[0]].add_line(line)
    return sources


def read_reasons(path):
    entries = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                match = re.fullmatch(r"([^:]+):([^:]*): (.*?) # (.+)", line.rstrip("\n"))
                if not match:
                    sys.exit(f"{path}: not FILE:FUNCTION: TEXT # REASON: {line}")
                entries.append(match.groups())
    return entries


def share(done, nr):
    return f"{done:6} of {nr:5} {100 * done / nr if nr else 100:5.1f}%"


def text_of(tree, name):
    with open(os.path.join(tree, name), encoding="utf-8") as file:
        return [""] + file.read().split("\n")


def write_listing(path, source, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        for number, line in enumerate(text[1:], 1):
            count = source.lines.get(number)
            mark = "" if count is None else count or "#####"
            counts = source.branches_of(number)
            taken = f"{sum(map(bool, counts))}/{len(counts)}" if count and not all(counts) else ""
            file.write(f"{mark:>12} {taken:>6} {number:5} {line}\n")


def print_table(sources):
    print(f"{'':24} {'lines':>21}    {'branches':>21}")
    sums = collections.Counter()
    for name in sorted(sources):
        lines, branches = sources[name].lines, sources[name].branch_counts()
        row = [sum(map(bool, lines.values())), len(lines),
               sum(map(bool, branches)), len(branches)]
        for part in (name, name.split("/", maxsplit=1)[0], "all"):
            for i, number in enumerate(row):
                sums[part, i] += number
    for part in [*sorted(sources), "kmod", "user", "all"]:
        print(f"{part:24} {share(sums[part, 0], sums[part, 1])}    "
              f"{share(sums[part, 2], sums[part, 3])}")


def main():
    tree, reasons, out = sys.argv[1:4]
    shutil.rmtree(out, ignore_errors=True)
    folders = [os.path.join(tree, ".build")]
    for folder in sys.argv[4:]:
        stage(folder, os.path.join(out, "guests"))
    if os.path.exists(os.path.join(out, "guests")):
        folders.append(os.path.join(out, "guests"))
    sources = collect(tree, folders)
    if not sources:
        sys.exit("nothing was counted")
    entries, used, unknown = read_reasons(reasons), set(), []
    for name, source in sorted(sources.items()):
        text = text_of(tree, name)
        write_listing(os.path.join(out, name + ".txt"), source, text)
        for number in sorted(n for n, count in source.lines.items() if not count):
            line = name, source.function[number], text[number].strip()
            hits = {e for e in entries if e[:2] == line[:2] and
                    (e[2] == line[2] or fnmatch.fnmatchcase(line[2], e[2]))}
            used |= hits
            if not hits:
                unknown.append(f"{name}:{line[1]}: {line[2]}")
    print_table(sources)
    stale = [e for e in entries if e not in used and e[0] in sources]
    print(f"\n{len(unknown)} lines weren't run and have no reason in {reasons}:")
    print("\n".join(unknown))
    print(f"\n{len(stale)} reasons are for lines that were run, or aren't there:")
    print("\n".join(f"{name}:{function}: {line}" for name, function, line, _ in stale))
    sys.exit(bool(unknown or stale))


if __name__ == "__main__":
    main()
