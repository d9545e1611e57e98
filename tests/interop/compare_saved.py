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


def is_elf(path):
    with open(path, 'rb') as file:
        return file.read(4) == b'\x7fELF'


def reader(path):
    """A function that gives the content of a page, or None."""
    if is_elf(path):
        # A reader takes gaps of ELF for zeros: look at what is in the file.
        core = elf.Elf(path, PAGE)
        held = {pfn for start, length in core.pages() for pfn in range(start, start + length)}
        return lambda pfn: core.page(pfn) if pfn in held else None
    program = Program()
    program.set_core_dump(path)

    def read(pfn):
        try:
            return program.read(pfn * PAGE, PAGE, physical=True)
        except FaultError:
            return None
    return read


def pages(path, core):
    """The pfns that the file has; says which differ from the core."""
    read, kept, wrong = reader(path), set(), []
    for start, length in core.pages():
        for pfn in range(start, start + length):
            content = read(pfn)
            if content is not None:
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
        if like is None:
            continue
        lacking, more = like - kept, kept - like
        if is_elf(path):  # pages of zeros are left out, as gaps that read as such
            lacking = {pfn for pfn in lacking if any(core.page(pfn))}
        if lacking or more:
            print('%s: %d pages too few, %d too many' % (path, len(lacking), len(more)))
            failures += 1
    return failures != 0


if __name__ == '__main__':
    sys.exit(main())
