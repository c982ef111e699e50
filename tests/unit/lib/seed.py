# SPDX-License-Identifier: GPL-2.0-only
"""A strict reader of just the seed's two structs, as serde makes one of

    struct Snapshot { service: String, hostname: String, pid: u32,
                      created_at: String, reason: String, events: Vec<Event> }
    struct Event { timestamp: u64, level: String, message: String }

It decodes CBOR by itself, ignores keys that it does not know, and is stricter
than serde in one thing: the seed's keys come first, in the seed's order."""
import struct

SNAPSHOT = ("service", "hostname", "pid", "created_at", "reason", "events")
EVENT = ("timestamp", "level", "message")


class SeedError(Exception):
    pass


class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, count):
        if count > len(self.data) - self.at:
            raise SeedError("the data ends early")
        self.at += count
        return self.data[self.at - count:self.at]

    def head(self):
        """Major type and argument."""
        first = self.take(1)[0]
        major, minor = first >> 5, first & 31
        if minor < 24:
            return major, minor
        if minor > 27:
            raise SeedError(f"length {minor}")
        return major, int.from_bytes(self.take(1 << minor - 24), "big")

    def expect(self, major, what):
        found, argument = self.head()
        if found != major:
            raise SeedError(f"{what}: major type {found} instead of {major}")
        return argument

    def text(self, what):
        return self.take(self.expect(3, what)).decode("utf-8")

    def uint(self, what, bits):
        value = self.expect(0, what)
        if value >= 1 << bits:
            raise SeedError(f"{what}: {value} has more than {bits} bits")
        return value

    def skip(self):
        first = self.data[self.at] if self.at < len(self.data) else 0
        major, argument = self.head()
        if major in (2, 3):
            self.take(argument)
        elif major in (4, 5):
            for _ in range(argument * (major - 3)):
                self.skip()
        elif major == 6:
            raise SeedError(f"tag {argument}")
        elif major == 7 and first & 31 == 27:
            struct.unpack(">d", struct.pack(">Q", argument))

    def struct(self, keys, readers, what):
        """A map whose first keys are these; the rest is skipped."""
        pairs = self.expect(5, what)
        if pairs < len(keys):
            raise SeedError(f"{what}: {pairs} keys")
        out = {}
        for key in keys:
            found = self.text("key")
            if found != key:
                raise SeedError(f"{what}: {found!r} where {key!r} should be")
            out[key] = readers[key](key)
        for _ in range(pairs - len(keys)):
            if self.text("key") in keys:
                raise SeedError(f"{what}: a key twice")
            self.skip()
        return out

    def event(self):
        return self.struct(EVENT, {
            "timestamp": lambda what: self.uint(what, 64),
            "level": self.text,
            "message": self.text,
        }, "event")

    def events(self, what):
        return [self.event() for _ in range(self.expect(4, what))]

    def snapshot(self):
        return self.struct(SNAPSHOT, {
            "service": self.text,
            "hostname": self.text,
            "pid": lambda what: self.uint(what, 32),
            "created_at": self.text,
            "reason": self.text,
            "events": self.events,
        }, "snapshot")


def seed_read(data):
    reader = Reader(data)
    try:
        snapshot = reader.snapshot()
    except UnicodeDecodeError as error:
        raise SeedError(str(error)) from error
    if reader.at != len(data):
        raise SeedError(f"{len(data) - reader.at} bytes follow")
    return snapshot
