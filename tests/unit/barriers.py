# SPDX-License-Identifier: GPL-2.0-only
"""Each barrier of the module and of the programs is named, in a comment next to it, after
a file of tools/litmus that has a broken twin without such a one; and each file is named.
What herd7 finds of file and twins is for make litmus."""
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from snapfile import TOP, Tap

SOURCES = ["kmod/**/*.[ch]", "user/**/*.[ch]"]
LITMUS = "tools/litmus"

# As the code spells it, and as the model of memory does; none: as it is spelt. Atomic
# operations that give a value back are full barriers unless they say that they are not;
# rcu_dereference_protected() and its like, which are under a lock, are none.
SPELLINGS = (
    (r"__atomic_thread_fence\(__ATOMIC_ACQUIRE\)|copy_then_fence\(", "smp_rmb"),
    (r"__ATOMIC_(?:ACQUIRE|CONSUME)\b|\bload_(?:acquire|tag)\(", "smp_load_acquire"),
    (r"__ATOMIC_RELEASE\b", "smp_store_release"),
    (r"__ATOMIC_(?:ACQ_REL|SEQ_CST)\b|\bmemory_order_(?!relaxed)|\b__sync_\w+", "smp_mb"),
    (r"\brcu_dereference(?:_sched|_bh|_check)?\(", "rcu_dereference"),
    (r"\bsynchronize_\w*rcu\w*\(", "synchronize_rcu"),
    (r"\b(?:rcu_(?:assign|replace)_pointer|call_rcu|kv?free_rcu)\(", None),
    (r"\b(?:(?:smp|virt|dma|io|pmem)_)?[rw]?mb\(", None),
    (r"\b(?:smp|virt)_(?:mb__|store_|load_|cond_load_acquire|acquire__)\w*\(", None),
    (r"\b(?:raw_|arch_)?atomic(?:64|_long)?_(?!notifier_)"
     r"(?!(?:set|read|inc|dec|add|sub|and|or|xor|andnot)\()\w+(?<!_relaxed)\(", None),
    (r"\b(?:raw_|arch_|try_|sync_)*(?:cmpx|x)chg\w*(?<!_relaxed)(?<!_local)\(", None),
    (r"\b(?:test_and_\w+|clear_bit_unlock|set_bit_release)\(", None),
)
BARRIER = re.compile("|".join(f"({pattern})" for pattern, _ in SPELLINGS))
# What user/barrier.h calls them: what counts is where that is used.
DEFINED = re.compile(r"#define (?:load_acquire|load_tag)\(")

TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|' r"'(?:\\.|[^'\\\n])*'", re.S)
NAME = re.compile(r"\b([a-z][a-z-]*)\.litmus\b")
# Then it says why.
NO_PARTNER = re.compile(r"\bNo partner:")
WITHOUT = re.compile(r"^(.*)// without[ a-z]*:", re.M)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def barriers(code):
    """Line, spelling and what the model calls it, of all in these lines."""
    for number, line in enumerate(code):
        if DEFINED.match(line):
            continue
        for found in BARRIER.finditer(line):
            spelling = found[0].rstrip("(")
            kind = SPELLINGS[found.lastindex - 1][1] or spelling.replace("atomic64_", "atomic_")
            yield number, spelling, kind


def statement(code, number):
    """The first and the last line of the one that this line is of."""
    open_at = [0]
    for line in code:
        open_at.append(open_at[-1] + line.count("(") - line.count(")"))
    first = last = number
    while first and (open_at[first] > 0 or goes_on(code[first - 1])):
        first -= 1
    while last + 1 < len(code) and (open_at[last + 1] > 0 or goes_on(code[last])):
        last += 1
    return first, last


def goes_on(line):
    line = line.strip()
    return line and not line.startswith("#") and line[-1] not in ";{}:,"


class Source:
    """Code and comments, each in its place, by line."""

    def __init__(self, text):
        self.lines = text.splitlines()
        self.code = TOKEN.sub(lambda found: blank(found[0]), text).splitlines()
        comments, end = "", 0
        for found in TOKEN.finditer(text):
            comments += blank(text[end:found.start()])
            comments += found[0] if found[0].startswith("/") else blank(found[0])
            end = found.end()
        self.comments = (comments + blank(text[end:])).splitlines()
        self.barriers = list(barriers(self.code))

    def beside(self, number):
        """The lines next to one: of its statement, and of a comment right above that."""
        first, last = statement(self.code, number)
        while first and not self.code[first - 1].strip() and self.comments[first - 1].strip():
            first -= 1
        return range(first, last + 1)

    def said(self, number):
        return "\n".join(self.comments[i] for i in self.beside(number))

    def unnamed(self, number):
        """The text, with no name and no excuse next to that line."""
        lines = list(self.lines)
        for i in self.beside(number):
            lines[i] = NO_PARTNER.sub("", NAME.sub("", lines[i]))
        return "\n".join(lines)


class Litmus:
    """A file of tools/litmus: of what barriers it has twins without them."""

    def __init__(self, text):
        self.twins = WITHOUT.findall(text)
        self.kinds = {kind for _, _, kind in barriers(self.twins)}


def look(source, files):
    """What is wrong with the barriers of a source, by line, and the files that they are
    named after."""
    wrong = [(number, f"there is no {name}.litmus") for number, said in
             enumerate(source.comments) for name in NAME.findall(said) if name not in files]
    named = set()
    for number, spelling, kind in source.barriers:
        said = source.said(number)
        names = [name for name in NAME.findall(said) if name in files]
        named.update(names)
        if NO_PARTNER.search(said):
            continue
        if not names:
            wrong.append((number, f"no comment next to {spelling} names a file of {LITMUS}"))
        elif not any(kind in files[name].kinds for name in names):
            wrong.append((number, f"of {', '.join(names)} no twin is without {kind}, "
                                  f"as {spelling} is here"))
    return wrong, named


def complaints(sources, files):
    """All that is wrong, and each file after which nothing is named."""
    found = {path: look(source, files) for path, source in sources.items()}
    unnamed = set(files).difference(*(named for _, named in found.values()))
    return [f"{path}:{number + 1}: {what}" for path, (wrong, _) in found.items()
            for number, what in wrong], sorted(unnamed)


ORDERED = ("smp_mb();", "smp_mb__after_atomic();", "wmb();", "dma_rmb();", "smp_store_mb(a, 1);",
           "smp_store_release(&a, 1);", "smp_cond_load_acquire(&a, VAL);", "cmpxchg(&a, 1, 2);",
           "try_cmpxchg_acquire(&a, &b, 2);", "xchg_release(&a, 1);", "atomic_xchg(&a, 1);",
           "atomic_read_acquire(&a);", "atomic_long_set_release(&a, 1);", "test_and_set_bit(1, &a);",
           "atomic64_fetch_add(1, &a);", "atomic_dec_and_test(&a);", "rcu_assign_pointer(a, b);",
           "rcu_dereference_sched(a);", "synchronize_rcu_expedited();", "kfree_rcu(a, b);",
           "__atomic_load_n(&a, __ATOMIC_ACQUIRE);", "__atomic_thread_fence(__ATOMIC_SEQ_CST);",
           "atomic_load_explicit(&a, memory_order_acquire);", "__sync_synchronize();")
UNORDERED = ("READ_ONCE(a);", "atomic_read(&a);", "atomic64_inc(&a);", "atomic_set(&a, 1);",
             "cmpxchg_local(&a, 1, 2);", "cmpxchg_relaxed(&a, 1, 2);", "set_bit(1, &a);",
             "atomic_inc_return_relaxed(&a);", "rcu_dereference_protected(a, b);", "do_release(a);",
             "atomic_notifier_chain_register(&a, &b);", "__atomic_load_n(&a, __ATOMIC_RELAXED);")


def check_itself(tap, sources, files):
    """It notices what is wrong: at each barrier, in each source, with each file."""
    tap.same([line for line in ORDERED if not BARRIER.search(line)], [], "it knows barriers")
    tap.same([line for line in UNORDERED if BARRIER.search(line)], [], "and what is none")
    missed = [f"{path}:{number + 1}: {spelling}" for path, source in sources.items()
              for number, spelling, _ in source.barriers
              if number not in dict(look(Source(source.unnamed(number)), files)[0])]
    tap.same(missed, [], "it is noticed where a barrier loses its name")
    missed = [path for path, source in sources.items()
              if len(source.lines) not in
              dict(look(Source("\n".join(source.lines + ["smp_mb();"])), files)[0])]
    tap.same(missed, [], "and where one is added")
    missed = [name for name in files if not complaints(
        sources, {other: files[other] for other in files if other != name})[0]]
    tap.same(missed, [], "where a file is taken away")
    tap.same(complaints(sources, {**files, "new": Litmus("")})[1], ["new"],
             "and one that nobody names")


def main():
    tap = Tap()
    paths = sorted(path for pattern in SOURCES
                   for path in glob.glob(os.path.join(TOP, pattern), recursive=True))
    sources = {os.path.relpath(path, TOP): Source(read(path)) for path in paths}
    files = {os.path.basename(path)[:-len(".litmus")]: Litmus(read(path))
             for path in sorted(glob.glob(os.path.join(TOP, LITMUS, "*.litmus")))}
    count = sum(len(source.barriers) for source in sources.values())
    # There were 60 when it was written.
    tap.ok(count >= 50, f"{count} barriers are found")
    wrong, unnamed = complaints(sources, files)
    tap.same(wrong, [], "each is named after a file that has a twin without it")
    tap.same(unnamed, [], "and after each file one is named")
    tap.same([name for name, file in files.items() if not file.twins], [],
             f"each of the {len(files)} has a broken twin")
    check_itself(tap, sources, files)
    tap.done()


main()
