#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""hwpoison.py VMCORE: no page that must not be read is read, at any level nor by an audit; none is
in the output.

VMCORE is any dump of the lab; beside those that testdata/lab/mkhwpoison and mkunaccepted made lies
what they did (VMCORE.json, VMCORE.ranges).  Pages that must not be read are those, and the offline,
hwpoison and unaccepted pages of the guest.  What is read is told by the program (--trace-reads), by
strace (--no-mmap), and by a guard that ends the program when it touches one.  That each of the
three would notice is tested too: they have to see the pages that are kept.
"""
import argparse
import mmap
import os
import re
import sys
import tempfile

import compare_makedumpfile
import kdump
import ours
import reads
import truth

PATTERN = re.compile(rb'(?:HWPOISON){8}|UNACCEPT(.{8})UNACCEPT', re.S)


class Test:
    def __init__(self, path, known, folder):
        self.path, self.folder = os.path.abspath(path), folder
        self.out = os.path.join(folder, 'out')
        comparison = compare_makedumpfile.Comparison(self.path, known)
        self.vmcore, self.pages = comparison.vmcore, comparison.pages
        self.poisoned, self.unaccepted = comparison.poisoned, comparison.unaccepted
        self.edited = self.poisoned | self.unaccepted
        self.forbidden = kdump.from_ranges(self.pages.ranges(*ours.FORBIDDEN))
        self.ranges = reads.file_ranges(self.vmcore, kdump.ranges(self.forbidden))
        self.failures = 0
        self.skipped = set()
        self.guard_proven = set()

    def expect(self, good, text):
        if not good:
            self.failures += 1
            print('FAILED: ' + text)

    def check_states(self):
        missed = [pfn for pfn in self.edited if not self.forbidden >> pfn & 1]
        self.expect(not missed, '%d edited pages may be read, such as pfn %x' % (
            len(missed), missed[0] if missed else 0))
        poisoned = kdump.from_ranges(self.pages.ranges('hwpoison'))
        self.expect(all(poisoned >> pfn & 1 for pfn in self.poisoned), 'not seen as hwpoison')
        unaccepted = kdump.from_ranges(self.pages.ranges('unaccepted'))
        self.expect(unaccepted == kdump.from_ranges((pfn, 1) for pfn in self.unaccepted),
                    'not the unaccepted pages that there are')

    def check_reads(self, name, level, found, kept):
        if found is None:
            self.skipped.add(name)
            return
        bad = [pair for pair in self.ranges if found.touch(*pair)]
        self.expect(not bad, 'level %d: %s: %d forbidden ranges are read, such as %s' % (
            level, name, len(bad), bad[:3]))
        unseen = sum(not any(found.hold(*place) for place in alternatives)
                     for alternatives in reads.places(self.vmcore, kdump.ranges(kept)))
        self.expect(not unseen, 'level %d: %s does not see %d runs of kept pages read' % (
            level, name, unseen))

    def check_guard(self, level, kept, more):
        options = ('-l', '-d', str(level)) + more
        status = reads.guarded(self.path, self.out, options, self.ranges, self.folder)
        if status is None:
            self.skipped.add('guard')
            return
        self.expect(status == 0, 'level %d: guard %s: ended by %d' % (
            level, ' '.join(options), status))
        if more in self.guard_proven:
            return
        self.guard_proven.add(more)
        last = list(kdump.ranges(kept))[-1]
        status = reads.guarded(self.path, self.out, options,
                               reads.file_ranges(self.vmcore, [last]), self.folder)
        self.expect(status, 'level %d: the guard %s guards nothing: %d' % (
            level, ' '.join(options), status))

    def check_level(self, level):
        options = ('-l', '-d', str(level))
        traced = reads.by_trace(self.path, self.out, options, self.folder)
        kept = kdump.Kdump(self.out).kept
        self.expect(not kept & self.forbidden, 'level %d: %d forbidden pages are kept' % (
            level, kdump.count(kept & self.forbidden)))
        self.check_reads('trace', level, traced, kept)
        self.check_reads('trace of --no-mmap', level, reads.by_trace(
            self.path, self.out, options + ('--no-mmap',), self.folder), kept)
        self.check_reads('strace', level, reads.by_strace(
            self.path, self.out, options, self.folder), kept)
        for more in ((), ('--no-mmap',)):
            self.check_guard(level, kept, more)
        print('level %2d: %d pages kept, %d forbidden' % (
            level, kdump.count(kept), kdump.count(self.forbidden)))

    def check_audit(self):
        """Not even when it looks for pages of zeros."""
        for options in ((), ('--zero',), ('--zero', '--no-mmap'), ('--no-btf', '--fast')):
            name = 'audit ' + ' '.join(options)
            found = reads.of_audit(self.path, options, self.folder)
            bad = [pair for pair in self.ranges if found.touch(*pair)]
            self.expect(not bad, '%s: %d forbidden ranges are read, such as %s' % (
                name, len(bad), bad[:3]))
            status = reads.guarded_command(('audit', *options, self.path), self.path, self.ranges,
                                           self.folder)
            self.expect(status in (0, None), '%s: guard: ended by %s' % (name, status))
            # With --zero all others are.
            readable = reads.places(self.vmcore, self.pages.ranges('kernel', 'free'))
            if '--zero' in options:
                unseen = sum(not any(found.hold(*place) for place in alternatives)
                             for alternatives in readable)
                self.expect(not unseen, '%s does not read %d runs of pages' % (name, unseen))

    def check_content(self):
        """What the lab wrote into the pages that it changed is not in an uncompressed output."""
        if not self.edited:
            return
        ours.filter_dump(self.path, self.out, '--codec=none', '-d', '0')
        with open(self.out, 'rb') as file:
            with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as content:
                # What was accepted and used only lately may still hold the pattern of its page.
                for found in PATTERN.finditer(content):
                    pfn = found[1] and int.from_bytes(found[1], 'little')
                    self.expect(pfn is not None and not self.forbidden >> pfn & 1,
                                'a forbidden page is in the output, at %#x' % found.start())


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore')
    parser.add_argument('--truth', metavar='FOLDER', help='where unaccepted.json is')
    parser.add_argument('--levels', type=int, nargs='+', default=ours.LEVELS)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='vmcull-interop-') as folder:
        test = Test(args.vmcore, args.truth or truth.find_folder(args.vmcore), folder)
        test.check_states()
        for level in args.levels:
            test.check_level(level)
        test.check_audit()
        test.check_content()
    for name in sorted(test.skipped):
        print('skipped: %s: not here' % name)
    print('%d pages that must not be read, %d of them unaccepted or poisoned by the lab: '
          '%d failures' % (kdump.count(test.forbidden), len(test.edited), test.failures))
    return 1 if test.failures or not test.forbidden else 0


if __name__ == '__main__':
    sys.exit(main())
