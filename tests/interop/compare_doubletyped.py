#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_doubletyped.py VMCORE: blocks with two page types, as testdata/lab/mkdoubletyped makes
them, are unaccepted, and so is each of its two pages that cannot be such a block, by itself.  No
level keeps or reads any of them.  With VMCORE.vmcoreinfo beside it, VMCOREINFO comes from there.
"""
import argparse
import os
import sys
import tempfile

import kdump
import ours
import reads
from labkit.vmcoreview import Vmcore


class Test:
    def __init__(self, path):
        self.path = os.path.abspath(path)
        info = self.path + '.vmcoreinfo'
        self.options = ('-i', info) if os.path.exists(info) else ()
        with open(self.path + '.ranges') as lines:
            ranges = [tuple(int(word, 0) for word in line.split()[:2]) for line in lines]
        self.blocks, self.single = ranges[:-2], ranges[-2:]
        self.forbidden = kdump.from_ranges(ranges)
        self.vmcore = Vmcore(self.path)
        self.failures = 0

    def expect(self, good, text):
        if not good:
            self.failures += 1
            print('FAILED: ' + text)

    def check_ranges(self, *more):
        """Blocks of one order that lie side by side are one range."""
        for line in ours.AuditedPages(self.path, *self.options, *more).lines:
            if line.state != 'unaccepted':
                continue
            pages = kdump.from_ranges([line[:2]])
            self.expect(pages & self.forbidden == pages, 'too many: %s' % (line,))
            self.expect('double-typed' in line.attributes, 'attribute: %s' % (line,))
            expected = [(pfn, count) for pfn, count in self.blocks + self.single
                        if line.pfn <= pfn < line.pfn + line.count]
            self.expect(all(count == 1 << line.order for _, count in expected) and
                        sum(count for _, count in expected) == line.count,
                        '%s is not %s' % (line, expected))

    def check_report(self):
        report = ours.audit_json(self.path, *self.options)
        findings = {finding['name']: finding for finding in report['findings']
                    if finding['severity'] != 'note'}
        found = {name: finding['pages'] for name, finding in findings.items()}
        expected = {'double-typed': sum(count for _, count in self.blocks), 'bad-double-typed': 2}
        # The two pages are still listed and counted in the order of the blocks that they headed.
        listed = found.pop('free-listed-only', 0)
        found.pop('free-area-count', None)
        found.pop('free-count', None)
        self.expect(found == expected and 2 < listed <= 8, 'findings: %s' % findings)
        for name, ranges in (('double-typed', self.blocks), ('bad-double-typed', self.single)):
            told = [(row['pfn'], row['count']) for row in findings[name]['ranges']]
            self.expect(kdump.from_ranges(told) == kdump.from_ranges(ranges), name)
        self.expect(report['attributes']['double-typed'] == kdump.count(self.forbidden), 'pages')

    def check_level(self, level, folder):
        out = os.path.join(folder, 'out')
        options = (*self.options, '-l', '-d', str(level))
        ranges = reads.file_ranges(self.vmcore, kdump.ranges(self.forbidden))
        self.expect(ranges, 'the pages are nowhere in the file')
        for more in ((), ('--no-mmap',)):
            traced = reads.by_trace(self.path, out, options + more, folder)
            touched = [pair for pair in ranges if traced.touch(*pair)]
            self.expect(not touched, 'level %d: read: %s' % (level, touched[:3]))
            kept = kdump.Kdump(out)
            self.expect(not kept.kept & self.forbidden, 'level %d: %d pages are kept' % (
                level, kdump.count(kept.kept & self.forbidden)))
            self.expect(kdump.count(kept.kept) > 1000, 'level %d keeps nothing' % level)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore')
    args = parser.parse_args()
    test = Test(args.vmcore)
    test.check_ranges()
    test.check_ranges('--fast')
    test.check_ranges('--no-btf')
    test.check_report()
    with tempfile.TemporaryDirectory(prefix='vmcull-interop-') as folder:
        for level in ours.LEVELS:
            test.check_level(level, folder)
    print('%d blocks and %d pages of two types%s: %d failures' % (
        len(test.blocks), len(test.single), ' by a given VMCOREINFO' * bool(test.options),
        test.failures))
    return 1 if test.failures else 0


if __name__ == '__main__':
    sys.exit(main())
