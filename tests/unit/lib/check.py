# SPDX-License-Identifier: GPL-2.0-only
"""check.py FILE...: hold snapshot files against the CDDL and the seed's struct.

Says what is wrong; the exit status is 1 if anything is. For tests that get
their files from a real device."""
import os
import sys

from cddl import Cddl
from seed import seed_read, SeedError
from snapfile import TOP, content, load


def main():
    wrong = 0
    with open(os.path.join(TOP, "user/ttlog-snapshot.cddl"),
              encoding="ascii") as file:
        cddl = Cddl(file.read())
    for path in sys.argv[1:]:
        complaint = cddl.check("snapshot", load(path))
        try:
            seed_read(content(path))
        except SeedError as error:
            complaint = complaint or f"the seed's struct: {error}"
        if complaint:
            print(f"{path}: {complaint}")
            wrong = 1
    sys.exit(wrong)


main()
