# SPDX-License-Identifier: GPL-2.0-only
"""A validator of the part of CDDL (RFC 8610) that ttlog-snapshot.cddl uses:

rules, groups, maps, arrays, choices, ranges of integers, literals, occurrences
(? * + n*m), members "name: type" and "type => type", groups by name, .regexp.
Map members are matched by key, each key by the first member that it fits."""
import re

TOKEN = re.compile(r"""\s*(?:(?P<comment>;[^\n]*)
    |(?P<occur>\d*\*\d*(?!\w)|\?|\+)
    |(?P<range>-?\d+\.\.-?\d+)
    |(?P<number>-?\d+)
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<control>\.[a-z]+)
    |(?P<name>[A-Za-z_$@][-\w.$@]*)
    |(?P<sign>=>|[={}\[\](),:/]))""", re.X)


def tokens(text):
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if not found:
            raise SyntaxError(f"CDDL: {text[at:at + 40]!r}")
        at = found.end()
        if found.lastgroup != "comment":
            yield found.lastgroup, found.group(found.lastgroup)


PRELUDE = {
    "any": lambda v: True,
    "bool": lambda v: isinstance(v, bool),
    "true": lambda v: v is True,
    "false": lambda v: v is False,
    "null": lambda v: v is None,
    "uint": lambda v: type(v) is int and 0 <= v < 2 ** 64,
    "nint": lambda v: type(v) is int and -2 ** 64 <= v < 0,
    "float64": lambda v: type(v) is float,
    "text": lambda v: type(v) is str,
    "bytes": lambda v: type(v) is bytes,
}


class Cddl:
    def __init__(self, text):
        self.tokens = list(tokens(text)) + [("end", "")]
        self.at = 0
        self.rules = {}
        while self.peek()[0] != "end":
            name = self.take("name")
            self.take("sign", "=")
            if self.peek() == ("sign", "("):
                self.rules[name] = self.group(")")
            else:
                self.rules[name] = self.type()

    def peek(self, ahead=0):
        return self.tokens[self.at + ahead]

    def take(self, kind, value=None):
        token = self.tokens[self.at]
        if token[0] != kind or value not in (None, token[1]):
            raise SyntaxError(f"CDDL: {token[1]!r} where {value or kind} should be")
        self.at += 1
        return token[1]

    # Parsing: types are tuples, groups lists of (least, most, key, type).

    def type(self):
        choices = [self.type1()]
        while self.peek() == ("sign", "/"):
            self.take("sign")
            choices.append(self.type1())
        return choices[0] if len(choices) == 1 else ("choice", choices)

    def type1(self):
        base = self.type2()
        if self.peek()[0] != "control":
            return base
        if self.take("control") != ".regexp":
            raise SyntaxError("CDDL: only .regexp is known")
        return ("regexp", base, self.string())

    def string(self):
        return self.take("string")[1:-1]

    def type2(self):
        kind, value = self.peek()
        if kind == "string":
            return ("literal", self.string())
        if kind == "number":
            return ("literal", int(self.take("number")))
        if kind == "range":
            low, high = self.take("range").split("..")
            return ("range", int(low), int(high))
        if kind == "name":
            return ("name", self.take("name"))
        if value == "{":
            return ("map", self.group("}"))
        if value == "[":
            return ("array", self.group("]"))
        raise SyntaxError(f"CDDL: {value!r} where a type should be")

    def group(self, end):
        self.take("sign")
        members = []
        while self.peek() != ("sign", end):
            members.append(self.member())
            if self.peek() == ("sign", ","):
                self.take("sign")
        self.take("sign", end)
        return members

    def occurrence(self):
        if self.peek()[0] != "occur":
            return 1, 1
        sign = self.take("occur")
        if sign in "?+":
            return (0, 1) if sign == "?" else (1, None)
        low, high = sign.split("*")
        return int(low or 0), int(high) if high else None

    def member(self):
        least, most = self.occurrence()
        if self.peek(1) == ("sign", ":"):
            kind, value = self.peek()
            key = ("literal", value[1:-1] if kind == "string" else value)
            self.at += 2
            return least, most, key, self.type()
        first = self.type()
        if self.peek() == ("sign", "=>"):
            self.take("sign")
            return least, most, first, self.type()
        return least, most, None, first

    # Matching: None, or a text that says where it does not fit.

    def check(self, rule, value):
        return self.match(("name", rule), value, rule)

    def match(self, kind, value, where):
        return getattr(self, "match_" + kind[0])(kind, value, where)

    def match_name(self, kind, value, where):
        name = kind[1]
        if name in self.rules:
            return self.match(self.rules[name], value, where)
        if PRELUDE[name](value):
            return None
        return f"{where}: {value!r} is no {name}"

    def match_literal(self, kind, value, where):
        if type(value) is type(kind[1]) and value == kind[1]:
            return None
        return f"{where}: {value!r} is not {kind[1]!r}"

    def match_range(self, kind, value, where):
        if type(value) is int and kind[1] <= value <= kind[2]:
            return None
        return f"{where}: {value!r} is not in {kind[1]} to {kind[2]}"

    def match_regexp(self, kind, value, where):
        wrong = self.match(kind[1], value, where)
        if wrong or re.fullmatch(kind[2], value):
            return wrong
        return f"{where}: {value!r} does not match {kind[2]}"

    def match_choice(self, kind, value, where):
        wrong = [self.match(choice, value, where) for choice in kind[1]]
        return None if None in wrong else wrong[0]

    def match_array(self, kind, value, where):
        if type(value) is not list:
            return f"{where}: {value!r} is no array"
        (least, most, _, item), = kind[1]
        if len(value) < least or (most is not None and len(value) > most):
            return f"{where}: {len(value)} items"
        for i, entry in enumerate(value):
            wrong = self.match(item, entry, f"{where}[{i}]")
            if wrong:
                return wrong
        return None

    def members(self, group):
        """A group's members, with those of the groups that it names."""
        for least, most, key, kind in group:
            if key is None:
                yield from self.members(self.rules[kind[1]])
            else:
                yield least, most, key, kind

    def match_map(self, kind, value, where):
        if not isinstance(value, dict):
            return f"{where}: {value!r} is no map"
        members = list(self.members(kind[1]))
        found = [0] * len(members)
        for key, entry in value.items():
            for i, (_, _, name, inner) in enumerate(members):
                if self.match(name, key, "") is None:
                    found[i] += 1
                    wrong = self.match(inner, entry, f"{where}.{key}")
                    break
            else:
                wrong = f"{where}: key {key!r} is unknown"
            if wrong:
                return wrong
        for count, (least, most, name, _) in zip(found, members):
            if count < least or (most is not None and count > most):
                return f"{where}: {name[1]} is there {count} times"
        return None
