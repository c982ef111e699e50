# SPDX-License-Identifier: GPL-2.0-only
"""The shipped programs, with libraries that are preloaded."""
import os
import subprocess
import tempfile

from snapfile import TOP

USER = os.path.join(TOP, ".build/user")
PRELOAD = os.path.join(TOP, ".build/tests/unit/preload")


def with_device(command, fake="", **env):
    """Run it with a device that answers so. Returns what subprocess.run() does, as
    text."""
    return subprocess.run(
        command, capture_output=True, check=False, text=True, timeout=60, input="",
        env={**os.environ, "FAKE_DEVICE": fake, **env,
             "LD_PRELOAD": os.path.join(PRELOAD, "device.so")})


# All lines that were said where an allocation was refused, with and without a program's name.
heard = set()


def refuse(command, which, preload=(), **env):
    """Run it with an allocation refused: N, or N+ with all that follow. Returns what
    subprocess.run() does, and whether any was refused."""
    libraries = [os.path.join(PRELOAD, "no-memory.so"), *preload]
    with tempfile.TemporaryFile() as told:
        got = subprocess.run(
            command, capture_output=True, check=False, timeout=60,
            pass_fds=(told.fileno(),),
            env={**os.environ, **env, "LD_PRELOAD": " ".join(libraries),
                 "NO_MEMORY": which, "NO_MEMORY_FD": str(told.fileno())})
        for line in got.stderr.decode(errors="replace").splitlines():
            heard.update((line, line.split(": ", 1)[-1]))
        return got, os.fstat(told.fileno()).st_size > 0


def walk(tap, what, judge, run, least):
    """Have @run(WHICH) refused each of its allocations, once alone and once with all
    that follow. @judge(GOT) says what is wrong, or nothing."""
    wrong, nr = [], {}
    for more in ("", "+"):
        n, any_refused = 0, True
        while any_refused:
            n += 1
            got, any_refused = run(f"{n}{more}")
            complaint = judge(got, any_refused)
            if complaint:
                wrong.append(f"{n}{more}: {complaint}: {got.returncode} "
                             f"{got.stderr.decode()!r:.200}")
        nr[more] = n - 1
    tap.same(wrong, [], f"{what}: each of {nr['']} allocations refused")
    tap.ok(nr[""] >= least, f"{what}: these are {least} at least")
