#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""privacy_erase.py VMCORE: what rules erase is in nothing that the program writes.

Where the memory lies that the rules name is found by what differs between two outputs (that it is
the right memory, compare_erased.py shows).  In a copy of the dump random letters are put there; then
they are in no output of any form, while without the rules all of them are.
"""
import os
import secrets
import string
import sys
import tempfile

import elf
import kdump
import ours
from marks import PREFIX, SIZE, Marks, copy
from searched import Searched

RULES = '''
[vmlinux]
erase init_uts_ns.name.nodename
erase init_uts_ns.name.domainname
erase linux_banner size 60
erase init_task.comm
for t in init_task.tasks.next within task_struct:tasks
    erase t.comm
endfor
'''


def letters(size):
    """No place has the letter that erased bytes get, nor a zero to end the text."""
    known = string.ascii_letters.replace('X', '')
    return ''.join(secrets.choice(known) for _ in range(size)).encode()


class Test(Searched):
    def __init__(self, vmcore, scratch):
        super().__init__(scratch, Marks(()))
        self.vmcore, self.marked = vmcore, self.path('marked')
        self.rules, self.info = self.path('rules'), ours.info_json(vmcore)
        self.page_size = self.info['kernel']['page_size']
        with open(self.rules, 'w') as file:
            file.write(RULES)

    def places(self):
        """(physical address, size) of each run of bytes that is erased."""
        ours.filter_dump(self.vmcore, self.path('before'), '--codec=none')
        ours.filter_dump(self.vmcore, self.path('after'), '--codec=none', '--config', self.rules)
        before = kdump.Kdump(self.path('before')).contents()
        after = kdump.Kdump(self.path('after')).contents()
        for (pfn, old), (other, new) in zip(before, after):
            self.expect(pfn == other, 'other pages are kept')
            if old == new:
                continue
            at = 0
            while at < self.page_size:
                start = at
                # Letters that were an X, and zeros at the end of text, do not differ.
                while at < self.page_size and (old[at] != new[at] or at > start and new[at] == 88):
                    at += 1
                if at - start >= SIZE:
                    yield pfn * self.page_size + start, at - start
                at = max(at, start + 1)
        os.unlink(self.path('before'))
        os.unlink(self.path('after'))

    def mark(self):
        places = list(self.places())
        self.marks.prefix = letters(PREFIX)
        copy(self.vmcore, self.marked)
        loads = elf.Elf(self.vmcore, self.page_size).loads
        with open(self.marked, 'r+b') as file:
            for address, size in places:
                mark = self.marks.prefix + letters(size - PREFIX)
                self.marks.of['0x%x' % address] = mark[:SIZE]
                for first, last, offset in loads:
                    if first <= address and address + size <= last:
                        file.seek(offset + address - first)
                        file.write(mark)
        print('%d places hold marks, %d bytes' % (len(places), sum(size for _, size in places)))
        return len(places)

    def check(self, *options, source=None):
        """With the rules nothing is found, without them everything."""
        target = () if '-F' in options else ('out',)
        name = 'filter ' + ' '.join(options)
        self.run('filter', '-vv', '--config', self.rules, *options, source or self.marked, *target)
        self.search(name + ' with rules')
        self.run('filter', '-vv', *options, source or self.marked, *target)
        missing = self.marks.of.keys() - self.search(name, self.marks.of).keys()
        self.expect(not missing, '%s: without rules %d places are not there' % (name, len(missing)))

    def check_all(self):
        for codec in self.codecs():
            self.check('--codec=' + codec)
        for options in (('-d', '0'), ('-E',), ('-F',), ('-F', '-E'), ('--split=3',), ('--small',),
                        ('--compact-map',), ('--share-pages',), ('--no-checksums',), ('--no-mmap',),
                        ('--threads=3', '--json')):
            self.check(*options)
        source = self.path('source')
        for options in (('--codec=zstd', '--share-pages'), ('--codec=lzo', '--compact-map'),
                        ('--codec=zlib',), ('--codec=none',)):
            ours.filter_dump(self.marked, source, *options)
            self.check(options[0], source=source)
        self.check('--share-pages', source=source)
        self.check('-E', source=source)
        self.check_later()

    def check_later(self):
        """What was erased does not come back from any output of an erased dump."""
        source = self.path('source')
        ours.filter_dump(self.marked, source, '--config', self.rules)
        forms = [('filter', '-d', '31', source, 'again'), ('audit', '--json', source),
                 ('info', '--facts', '-vv', source), ('dmesg', source),
                 ('filter', '--map-only', source, 'map')]
        if self.has_analysis():
            forms += [('convert', '--to=elf', source, 'elf'), ('convert', '-F', source, '-'),
                      ('diff', '--content', '--json', source, self.marked)]
        for form in forms:
            self.run(*form, statuses=(0, 3, 4))
            self.search(' '.join(form))


def main():
    with tempfile.TemporaryDirectory(prefix='vmcull-interop-', dir='.') as scratch:
        test = Test(sys.argv[1], os.path.abspath(scratch))
        if test.info['format'] != 'elf' or not test.mark():
            print('skipped: no place to put marks into')
            return 77
        test.check_all()
        return test.summary()


if __name__ == '__main__':
    sys.exit(main())
