#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_saved.py VMCORE LIKE FILE...: each FILE, as drgn (and libkdumpfile under it) reads it, has pages
of VMCORE only, unchanged, and those that the file LIKE has; "-" for LIKE: at least 10,000.
Exit status 77: no drgn."""
import sys

import elf

try:
    from drgn import FaultError, Program
except ImportError:
    sys.exit(77)
PAGE = 4096


def pages(path, core):
    """The pfns that the file has; says which differ from the core."""
    program, kept, wrong = Program(), set(), []
    program.set_core_dump(path)
    for start, length in core.pages():
        for pfn in range(start, start + length):
            try:
                content = program.read(pfn * PAGE, PAGE, physical=True)
            except FaultError:
                continue
            kept.add(pfn)
            if content != core.page(pfn):
                wrong.append(pfn)
    return kept, wrong


def main():
    core, failures = elf.Elf(sys.argv[1], PAGE), 0
    like = None if sys.argv[2] == '-' else pages(sys.argv[2], core)[0]
    for path in sys.argv[3:]:
        kept, wrong = pages(path, core)
        print('%s: %d pages, %d of them differ' % (path, len(kept), len(wrong)))
        if wrong or len(kept) < 10000:
            failures += 1
        if like is not None and like != kept:
            print('%s: %d pages too few, %d too many' % (path, len(like - kept), len(kept - like)))
            failures += 1
    return failures != 0


if __name__ == '__main__':
    sys.exit(main())
