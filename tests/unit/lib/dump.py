# SPDX-License-Identifier: GPL-2.0-only
"""Memory dumps of a machine, with what a recorder leaves in memory."""
import os
import struct
import subprocess

from snapfile import HELPERS

PAGE = 4096
FRAME = 1000		# FRAME of helpers/regionmake.c
RUNS, PANIC = 0, 1	# TTLOG_STATE_RUNS and TTLOG_STATE_PANIC
X86_64 = 62
PT_LOAD, PT_NOTE = 1, 4


def recorder(ident, state=RUNS, started=500, place=0):
    """A recorder, and the address that it is at."""
    command = [os.path.join(HELPERS, "regionmake"), *map(str, (ident, state, started, place))]
    return FRAME * (place + 1) * PAGE, subprocess.run(command, check=True,
                                                      stdout=subprocess.PIPE).stdout


def elf(*memory, info="", order="<", machine=X86_64):
    """A dump with this memory: addresses and what is there, and VMCOREINFO."""
    name, text = b"VMCOREINFO\0\0", info.encode()
    note = struct.pack(order + "III", 11, len(text), 0) + name + text
    parts = [(PT_NOTE, 0, note)] + [(PT_LOAD, at, content) for at, content in memory]
    table, body = b"", b""
    for kind, at, content in parts:
        table += struct.pack(order + "IIQQQQQQ", kind, 7, PAGE + len(body), at, at,
                             len(content), len(content), 0)
        body += content + bytes(-len(content) % PAGE)
    head = b"\x7fELF\2" + bytes([1 + (order == ">"), 1]) + bytes(9)
    head += struct.pack(order + "HHIQQQIHHHHHH", 4, machine, 1, 0, 64, 0, 0, 64, 56, len(parts),
                        0, 0, 0)
    return (head + table).ljust(PAGE, b"\0") + body


def flat(dump, *more):
    """It as makedumpfile -F writes it, in pieces, one of which begins within the other."""
    half = len(dump) // 2
    out = (b"makedumpfile".ljust(16, b"\0") + struct.pack(">QQ", 1, 1)).ljust(PAGE, b"\0")
    for at, size in (half - 9, len(dump) - half + 9), (0, half), *more:
        out += struct.pack(">QQ", at, size) + dump[at:at + size]
    return out + b"\xff" * 16
