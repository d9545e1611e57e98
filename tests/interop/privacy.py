#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""privacy.py VMCORE: what is left out of a dump is in nothing that the program writes.

In a copy of the dump each page that can be left out is filled with marks (some thousand in those
of which nothing but the memory map is left); which those are, the guest itself tells (kpageflags).
Then the program is run in all its forms, and every file and both streams are searched for the
marks: decoded, and as they are.  Of pages that are kept all have to be found, so a search that finds
nothing fails.
"""
import argparse
import os
import sys
import tempfile

import compare_kpageflags
import flattened
import ours
import truth
from marks import Marks, copy, expand, write_pages
from searched import Searched

USER = ('cache', 'cache-private', 'anon', 'hugetlb')
KINDS = ('free', 'free-pcp') + USER + ours.FORBIDDEN
SPREAD = 4000       # pages of each kind that are marked in a dump that is mostly holes
SAMPLES = 5         # pages of each state that explain is asked for


class Test(Searched):
    def __init__(self, vmcore, folder, scratch):
        super().__init__(scratch, Marks(KINDS))
        self.page_size = ours.info_json(vmcore)['kernel']['page_size']
        self.marked = self.path('marked')
        whole = ours.info_json(vmcore)['format'] == 'elf'
        self.stripped = truth.is_stripped(folder) or not whole
        if whole:
            copy(vmcore, self.marked)
        else:
            expand(vmcore, self.marked)
        self.pages = self.mark(folder)

    def mark(self, folder):
        """{kind: pfns} of the pages that were marked."""
        pages = ours.Pages(self.marked)
        unsure = set()
        if truth.kpageflags(folder):
            comparison = compare_kpageflags.Comparison(self.marked, folder, pages)
            unsure = {pfn for pfns in comparison.drift.values() for pfn in pfns}
            wrong = {pfn for pfn, _, _ in comparison.errors}
            self.expect(not wrong, '%d pages are not what the guest says' % len(wrong))
        found = {}
        for kind in KINDS:
            pfns = [pfn for first, number in pages.ranges(kind)
                    for pfn in range(first, first + number) if pfn not in unsure]
            if self.stripped:
                pfns = pfns[::max(1, len(pfns) // SPREAD)]
            found[kind] = write_pages(self.marked, self.page_size, (
                (pfn, self.marks.page(kind, pfn, self.page_size)) for pfn in pfns))
        print('marked: ' + ', '.join('%d %s' % (len(pfns), kind) for kind, pfns in found.items()))
        listed = truth.unaccepted(self.marked, folder)
        self.expect(listed <= {pfn for first, number in pages.ranges('unaccepted')
                               for pfn in range(first, first + number)},
                    'unaccepted pages are taken for others')
        for kind in ('free', 'anon', 'cache'):
            self.expect(found[kind], 'no %s pages' % kind)
        return found

    def search(self, name, kept, whole=True):
        """Nothing but the kinds of @kept is in any file; with @whole each of those pages is in one."""
        found = super().search(name, kept)
        for kind in kept if whole else ():
            there = found[kind] // (self.page_size // 16)
            self.expect(there >= len(self.pages[kind]), '%s: of %d pages marked %s there are %d' % (
                name, len(self.pages[kind]), kind, there))

    def kept(self, dropped):
        return [kind for kind in KINDS if kind not in dropped]

    def filtered(self, level, *options, source=None, whole=True, statuses=(0,), dropped=()):
        name = 'filter ' + ' '.join(('-d', str(level)) + options)
        target = () if '-F' in options else ('out',)
        self.run('filter', '-vv', '-d', str(level), *options, source or self.marked, *target,
                 statuses=statuses)
        self.search(name, self.kept(ours.dropped_states(level) | set(dropped)), whole)

    def check_levels(self):
        for level in ours.LEVELS:
            self.filtered(level, '--trace-reads=trace')

    def check_forms(self):
        for codec in self.codecs():
            for level in (0, 31):
                self.filtered(level, '--codec=' + codec)
        for level in (0, 31):
            for options in (('-E',), ('-F',), ('-F', '-E'), ('--split=3',), ('--compact-map',),
                            ('--small',), ('--share-pages',), ('--no-checksums',), ('--no-mmap',),
                            ('--threads=3', '--json')):
                self.filtered(level, *options)
            self.filtered(level, '--size-limit=3M', whole=False, statuses=(3,))
            self.filtered(level, '--dry-run', whole=False)
        for kind in ('free', 'free-pcp') + USER:
            self.filtered(0, '--exclude=' + kind, dropped=(kind,))

    def check_map_only(self):
        for options in ((), ('--no-btf',), ('--no-btf', '--no-log', '--anonymous')):
            for codec in ('none', 'zstd'):
                self.run('filter', '-vv', '--map-only', '--codec=' + codec, *options, self.marked,
                         'out')
                self.search('filter --map-only ' + ' '.join(options), ())

    def check_other_inputs(self):
        """Pages that come compressed, and a stream."""
        if not self.has_analysis():
            return
        for codec in self.codecs():
            source = self.path('level0')
            ours.filter_dump(self.marked, source, '-d', '0', '--codec=' + codec)
            self.filtered(31, '--codec=' + codec, source=source)
            self.filtered(31, '--codec=zlib', '--share-pages', source=source)
            self.filtered(31, '-E', source=source)
            self.run('filter', '--map-only', source, 'out')
            self.search('filter --map-only of level 0', ())
            ours.filter_dump(self.marked, source, '-d', '31', '--codec=' + codec)
            for options in ((), ('--to=elf',), ('--codec=none',), ('--split=2',), ('--compact-map',)):
                self.run('convert', '-vv', *options, source, 'out')
                self.search('convert ' + ' '.join(options), self.kept(ours.dropped_states(31)))
            self.run('convert', '-vv', '-F', source, '-')
            self.search('convert -F', self.kept(ours.dropped_states(31)))
            os.unlink(source)
        source = self.path('flat')
        flattened.flatten(self.marked, source)
        self.filtered(31, source=source)
        self.filtered(31, '--no-mmap', source=source)
        os.unlink(source)

    def check_tellers(self):
        """Commands that tell of pages, and may read some, write no content."""
        asked = [str(pfn) for pfns in self.pages.values() for pfn in pfns[::max(
            1, len(pfns) // SAMPLES)]]
        ours.filter_dump(self.marked, self.path('level31'), '-d', '31')
        forms = [('audit', *form, self.marked) for form in (
            (), ('--json', '-vv'), ('--csv',), ('--ranges', '--attributes'), ('--zero', '--ranges'),
            ('--map=map.png',), ('--map=map.svg', '--html=report.html', '--zero'), ('--map=-',),
            ('--trace-reads=trace', '--zero', '--no-mmap'))]
        forms += [('info', '--facts', '--runs', '-vv', self.marked), ('info', '--json', self.marked),
                  ('dmesg', self.marked, 'log'), ('dmesg', '--json', self.marked)]
        if self.has_analysis():
            forms += [('explain', '-vv', self.marked, *asked),
                      ('explain', '--json', self.marked, *asked),
                      ('estimate', '-vv', '--sample=300', self.marked),
                      ('estimate', '--json', '--sample=300', self.marked),
                      ('diff', '--json', '--content', self.marked, '../level31'),
                      ('diff', '--ranges', '--all', '-v', self.marked, '../level31'),
                      ('verify', '-vv', '--against=' + self.marked, '../level31'),
                      ('verify', '--json', self.marked)]
        for form in forms:
            self.run(*form, statuses=(0, 3, 4))
            self.search(' '.join(word for word in form if word not in asked), ())

    def check_makedumpfile(self):
        kept = self.kept(ours.dropped_states(31))
        self.run('makedumpfile', '-l', '-d', '31', '-D', self.marked, 'out')
        self.search('makedumpfile -l', kept)
        self.run('makedumpfile', '-F', '-c', '-d', '31', self.marked)
        self.search('makedumpfile -F', kept)
        for form in (('--mem-usage', self.marked), ('--dump-dmesg', self.marked, 'log'),
                     ('-d', '31', '--show-stats', self.marked, 'out')):
            self.run('makedumpfile', *form, statuses=(0, 1))
            self.search('makedumpfile ' + form[0], kept, whole=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore')
    parser.add_argument('--truth', metavar='FOLDER', help='where kpageflags is')
    args = parser.parse_args()
    folder = args.truth or truth.find_folder(args.vmcore)
    with tempfile.TemporaryDirectory(prefix='vmcull-interop-', dir='.') as scratch:
        test = Test(args.vmcore, folder, os.path.abspath(scratch))
        test.check_levels()
        test.check_map_only()
        test.check_tellers()
        # Once, where all memory is there.
        if not test.stripped:
            test.check_forms()
            test.check_other_inputs()
            test.check_makedumpfile()
    return test.summary()


if __name__ == '__main__':
    sys.exit(main())
