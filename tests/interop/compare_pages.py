#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_pages.py VMCORE OUTPUT...: outputs of any layout, held against the ELF core they came from.

Every page that an output holds is what the ELF file has there, none is held that the file has not,
and headers and notes are in the order and places that tools of that architecture expect.
"""
import sys

import elf
import kdump


def check_headers(out):
    yield out.version == 6, 'version %d' % out.version
    yield not out.incomplete, 'it is incomplete'
    yield out.microseconds == 0, 'the time has microseconds'
    yield out.max_mapnr == out.max_mapnr_64, 'two numbers of pages'
    yield out.note_offset == out.sub_header_end, 'notes do not follow the sub header'
    yield not out.kept & ~out.memory, 'pages kept that are no memory'
    yield (out.memory >> out.first_pfn).bit_length() == out.max_mapnr, 'max_mapnr is wrong'
    if out.machine.startswith('arm'):
        yield out.serves_both, 'not fit for programs with a time of 64 bits'
        yield not out.mains[1][5] & 0x18, 'programs with a time of 64 bits take it for incomplete'
        yield out.mains[1][14] == out.cpus, 'two numbers of CPUs'
    notes = list(out.notes())
    yield any(name == 'VMCOREINFO' and text == out.vmcoreinfo() for name, _, text in notes), (
        'the header does not point to the note VMCOREINFO')
    yield sum(name == 'CORE' and kind == 1 for name, kind, _ in notes) == out.cpus, (
        'nr_cpus is not the number of NT_PRSTATUS')


def check_pages(out, core):
    known = 0
    for start, length in core.pages():
        known |= ((1 << length) - 1) << start
    yield out.memory == known, '1st bitmap: %d pages differ' % kdump.count(out.memory ^ known)
    wrong = [pfn for pfn, data in out.contents() if data != core.page(pfn)]
    yield not wrong, '%d pages differ, the first is 0x%x' % (len(wrong), (wrong or [0])[0])


def main():
    core, failures = None, 0
    for path in sys.argv[2:]:
        out = kdump.Kdump(path)
        core = core or elf.Elf(sys.argv[1], out.block_size)
        for good, what in list(check_headers(out)) + list(check_pages(out, core)):
            if not good:
                print('%s: %s' % (path, what))
                failures += 1
        print('%s: %s, %s endian, %d bits, level %d: %d pages compared' % (
            path, out.machine, 'little' if out.order == '<' else 'big', out.word_size * 8,
            out.dump_level, kdump.count(out.kept)))
    return failures != 0


if __name__ == '__main__':
    sys.exit(main())
