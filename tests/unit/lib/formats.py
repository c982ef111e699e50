# SPDX-License-Identifier: GPL-2.0-only
"""What the source can print: its strings, with holes where values are put in."""
import functools
import re

# What stands in a message where a value is put in.
HOLE = "\0"
# Holes of a format: of text, which may be another string, and of numbers.
TEXT = object()
NUMBER = object()

C_TOKEN = re.compile(r"""
    /\*.*?\*/ | //[^\n]* | \\\n | \s+
  | (?P<string>"(?:[^"\\\n]|\\.)*") | '(?:[^'\\\n]|\\.)*'
  | (?P<name>[A-Za-z_]\w*) | (?P<other>.)""", re.DOTALL | re.VERBOSE)
DEFINE = re.compile(r'^#\s*define\s+(\w+)[ \t]+((?:[^\n\\]|\\.)*")$', re.MULTILINE | re.DOTALL)
CONVERSION = re.compile(
    r"%(?:(?P<literal>%)|[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh?|ll?|[zjt])?"
    r"(?:(?P<text>[sc])|[diouxXpeEfFgGm]))")
SHELL_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
SHELL_VALUE = re.compile(r"\$\w+|\$\{[^}]*\}|\$\([^)]*\)|\$[*@#?$]")

# Those behind which the C library says what errno is.
WITH_ERRNO = {"warn", "err"}
# What is called with what a user is to read.
SAYS = {"warn", "warnx", "err", "errx", "print_warning", "argp_error", "complain",
        "device_failed"}


class Format:
    """A string of the source: parts, each a text or a hole; raw, as it stands there."""

    def __init__(self, parts, place, call="", raw=None):
        self.raw = raw
        self.parts = tuple(part for part in parts if part != "")
        self.place = place
        self.call = call
        self.texts = [part for part in self.parts if isinstance(part, str)]
        self.letters = sum(c.isalpha() for text in self.texts for c in text)

    def is_message(self):
        return bool(self.call in SAYS or re.match("pr_(err|warn)", self.call)) and self.letters

    def __str__(self):
        return "".join(part if isinstance(part, str) else "%" for part in self.parts)


def parts_of(text):
    parts, end = [], 0
    for found in CONVERSION.finditer(text):
        parts.append(text[end:found.start()] + (found["literal"] or ""))
        if not found["literal"]:
            parts.append(TEXT if found["text"] else NUMBER)
        end = found.end()
    parts.append(text[end:].rstrip("\n"))
    # "100%%" is one text.
    joined = []
    for part in parts:
        if joined and isinstance(part, str) and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def c_text(string):
    return string[1:-1].encode().decode("unicode_escape")


def defines(source):
    """{name: string} of macros that are strings, as far as they are simple."""
    return {name: "".join(c_text(s) for s in re.findall(r'"(?:[^"\\]|\\.)*"', value))
            for name, value in DEFINE.findall(source)
            if re.fullmatch(r'(\s|\\\n|"(?:[^"\\]|\\.)*")+', value)}


def c_tokens(source):
    line = 1
    for found in C_TOKEN.finditer(source):
        if found.lastgroup:
            yield line, found.lastgroup, found[0]
        line += found[0].count("\n")


class Call:
    """A call whose arguments are being read."""

    def __init__(self, name):
        self.name = name
        self.argument = 0
        self.first = None       # argument with a string

    def takes(self):
        """A string is there. Returns the call's name if it is its format."""
        if self.first is None:
            self.first = self.argument
        return self.name if self.argument == self.first else ""


def c_strings(source, macros):
    """Line, the call whose format it is, and text of each string, adjacent ones joined."""
    calls, last, run, begun, has_string = [Call("")], "", "", 0, False
    for line, kind, token in [*c_tokens(source), (0, "other", ";")]:
        piece = None
        if kind == "string":
            piece = c_text(token)
        elif kind == "name":
            piece = macros.get(token, "u" if re.match("PRI[diouxX]", token) and run else None)
        if piece is not None:
            begun = begun or line
            has_string = has_string or kind == "string"
            run += piece
            continue
        if has_string:
            yield begun, calls[-1].takes(), run
        run, begun, has_string = "", 0, False
        if token == "(":
            calls.append(Call(last))
        elif token == ")" and len(calls) > 1:
            calls.pop()
        elif token == ",":
            calls[-1].argument += 1
        last = token if kind == "name" else ""


def c_formats(path, source, macros):
    for line, call, text in c_strings(source, macros):
        parts = parts_of(text)
        if call.startswith("pr_") and any(c.isalpha() for c in text):
            parts.insert(0, "ttlog: ")
        elif call in WITH_ERRNO:
            parts += [": ", TEXT]
        elif call == "device_failed":
            yield Format(["/dev/ttlog: cannot ", *parts, ": ", TEXT], f"{path}:{line}", call)
            call = ""
        yield Format(parts, f"{path}:{line}", call, text)


def shell_formats(path, source):
    for number, line in enumerate(source.splitlines(), 1):
        for text in SHELL_STRING.findall(line):
            parts, end = [], 0
            for found in SHELL_VALUE.finditer(text):
                parts += [text[end:found.start()], TEXT]
                end = found.end()
            yield Format([*parts, text[end:]], f"{path}:{number}")


class Formats:
    """All strings of some sources: {path: text}."""

    def __init__(self, sources):
        macros = {}
        for path, source in sources.items():
            if path.endswith((".c", ".h")):
                macros.update(defines(source))
        self.all = [Format([text], name, raw=text) for name, text in macros.items()]
        for path, source in sources.items():
            if path.endswith((".c", ".h")):
                self.all += c_formats(path, source, {**macros, **defines(source)})
            else:
                self.all += shell_formats(path, source)
        # What is put in is no format: a % is one.
        self.whole = {f.raw for f in self.all if f.raw} | \
            {f.parts[0] for f in self.all if len(f.parts) == 1}
        self.with_holes = [f for f in self.all if f.parts and f.texts and
                           (len(f.parts) > 1 or f.parts[0] is TEXT)]
        self.is_piece = functools.lru_cache(None)(self._is_piece)

    def _fits(self, parts, text, depth):
        """Is the text what the parts print, holes as they are or filled?"""
        if not parts:
            return not text
        head, rest = parts[0], parts[1:]
        if isinstance(head, str):
            return text.startswith(head) and self._fits(rest, text[len(head):], depth)
        if text.startswith(HOLE) and self._fits_rest(rest, text[1:], depth):
            return True
        if head is NUMBER:
            return False
        # Nothing may be put in at the end.
        if not text and all(part is TEXT for part in rest):
            return True
        return any(self._fits_rest(rest, text[n:], depth) and self.is_piece(text[:n], depth)
                   for n in range(1, len(text) + 1)
                   if not rest or not isinstance(rest[0], str) or
                   text.startswith(rest[0], n))

    def _fits_rest(self, rest, text, depth):
        """Of several holes in a row all but the first may have nothing put in."""
        while not self._fits(rest, text, depth):
            if not rest or rest[0] is not TEXT:
                return False
            rest = rest[1:]
        return True

    def _is_piece(self, text, depth):
        """May it be put into a hole? A string may, also one with few holes of its own."""
        return text in self.whole or (depth < 2 and any(
            f.letters >= 4 and self.fit(f, text, depth + 1) for f in self.with_holes))

    def fit(self, form, text, depth=0):
        return all(part in text for part in form.texts) and \
            self._fits(form.parts, text, depth)

    def find(self, message):
        """The formats that print a message which has holes; none: nothing prints it."""
        # With holes alone it would be any.
        if sum(c.isalpha() for c in message) < 5:
            return []
        return [f for f in self.all if f.parts and
                (f.letters >= 4 or "': " in f.texts) and
                self.fit(f, message)]
