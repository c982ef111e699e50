# SPDX-License-Identifier: GPL-2.0-only
"""A program killed at one of its system calls, or one of these failing."""
import re
import subprocess

# What the kernel never refuses in this way, and libc dies of.
NEVER = {"brk", "futex", "rt_sigprocmask", "rt_sigaction"}


class Program:
    """A command, traced into a file; what counts begins at the first call, behind that
    which starts the command, whose line in the trace has a text in it."""

    def __init__(self, command, trace, first):
        self.command = command
        self.trace = trace
        self.first = first

    def run(self, *inject):
        return subprocess.run(
            ["strace", "-o", self.trace,
             *(arg for rule in inject for arg in ("-e", "inject=" + rule)),
             *self.command], capture_output=True, text=True, check=False)

    def syscalls(self, *inject):
        """The calls that count, each as its name and how often that was called until
        then."""
        self.run(*inject)
        calls, count, begun = [], {}, False
        with open(self.trace, encoding="ascii") as trace:
            for line in trace:
                # At its end a program saves what it counted of itself.
                if ".gcda" in line:
                    break
                found = re.match(r"(\w+)\(", line)
                if not found:
                    continue
                name = found[1]
                count[name] = count.get(name, 0) + 1
                begun = begun or name != "execve" and self.first in line
                if begun and name != "exit_group":
                    calls.append((name, count[name]))
        return calls
