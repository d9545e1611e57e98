#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_audit.py VMCORE: do all forms of `vmcull audit` tell the same?

--ranges cover every page once, in order, and say of each what the walk of the library says; the
totals of --json and --csv are the sums of the ranges, by zone too; --fast and --no-btf change
nothing but what they have to.  And no dump that is not damaged has a finding above a note, unless
--damaged is given.
"""
import argparse
import collections
import sys

import ours

WHOLE = 'all'      # in place of (node, zone)


class Test:
    def __init__(self, path):
        self.path = path
        self.ranges = ours.AuditedPages(path)
        self.walked = ours.Pages(path)
        self.report = ours.audit_json(path)
        self.failures = self.checks = 0

    def expect(self, good, text):
        self.checks += 1
        if not good:
            self.failures += 1
            if self.failures <= 40:
                print('FAILED: ' + text)

    def check_cover(self, ranges):
        """Every page from 0 on, once, in order; neighbours differ."""
        end, last = 0, None
        for line in ranges.lines:
            self.expect(line.pfn == end and line.count > 0, 'after %x comes %s' % (end, line))
            self.expect(last != line[2:], 'cut for no reason: %s' % (line,))
            end, last = line.pfn + line.count, line[2:]
        self.expect(end == self.report['dump']['end_pfn'], 'ends at %x' % end)

    def check_findings(self):
        for finding in self.report['findings']:
            self.expect(finding['severity'] == 'note', '%s: %s: %s' % (
                finding['severity'], finding['name'], finding['message']))

    def check_walk(self):
        """The library's walk knows neither per-CPU lists nor the order of what is absent."""
        self.same('the walk', state_runs(self.ranges, pcp='kernel'), state_runs(self.walked))
        self.same('orders of the walk', order_runs(self.ranges), order_runs(self.walked))

    def same(self, name, mine, theirs):
        different = list(differing(mine, theirs))
        self.expect(not different, '%s differs in %d runs, such as %s' % (
            name, len(different), different[:3]))

    def check_sums(self):
        sums, orders = sums_of(self.ranges)
        self.check_states(sums, orders, WHOLE, self.report['states'])
        for zone in self.report['zones']:
            self.check_states(sums, orders, (zone['node'], zone['zone']), zone['states'])
        self.expect(sums[WHOLE, 'absent'] == sums[(None, None), 'absent'],
                    'absent pages are of a zone')

    def check_states(self, sums, orders, where, rows):
        page_size = self.report['dump']['page_size']
        self.expect({row['state'] for row in rows} >= {state for place, state in sums
                                                       if place == where},
                    '%s: states are missing' % (where,))
        for row in rows:
            name = '%s: %s' % (where, row['state'])
            self.expect(row['pages'] == sums[where, row['state']], '%s: %d pages, by ranges %d' % (
                name, row['pages'], sums[where, row['state']]))
            self.expect(row['bytes'] == row['pages'] * page_size, name + ': bytes')
            by_order = {int(order): pages for order, pages in row['orders'].items()}
            self.expect(by_order == orders[where, row['state']], '%s: orders %s, by ranges %s' % (
                name, by_order, orders[where, row['state']]))
            self.expect(0 <= row['content_pages'] <= row['pages'], name + ': content')

    def check_levels(self):
        """What a level leaves follows from the states of the walk."""
        for row in self.report['levels']:
            gone = ours.dropped_states(row['level'])
            kept = sum(run[1] for run in self.walked.runs if run[4] and run[2] not in gone)
            self.expect(kept == row['pages'], 'level %d: %d pages, by the walk %d' % (
                row['level'], row['pages'], kept))

    def check_csv(self):
        sums, orders = sums_of(self.ranges)
        found = collections.defaultdict(collections.Counter)
        rows = ours.audit_csv(self.path)
        for row in rows:
            where = (int(row['node']), row['zone']) if row['zone'] else (None, None)
            found[where, row['state']][int(row['order'])] += int(row['pages'])
            self.expect(int(row['bytes']) == int(row['pages']) * self.report['dump']['page_size'],
                        'csv: bytes of %s' % row)
        expected = {key: value for key, value in orders.items() if key[0] != WHOLE}
        self.expect(found == expected, 'csv: other counts than those of ranges')
        lines = ours.audit_csv(self.path, '--ranges')
        self.expect([(int(row['pfn']), int(row['count']), row['state'], int(row['order']),
                      int(row['node']) if row['node'] else None, row['zone'] or None,
                      tuple(row['attributes'].split())) for row in lines] ==
                    [line[:7] for line in self.ranges.lines], 'csv: other ranges')
        return len(rows)

    def check_fast(self):
        """By block: a page with hwpoison is not seen inside of one."""
        fast = ours.AuditedPages(self.path, '--fast')
        self.check_cover(fast)
        for start, end, mine, theirs in differing(state_runs(self.ranges), state_runs(fast)):
            self.expect(mine == 'hwpoison', '--fast: %x to %x: %s, not %s' % (
                start, end, theirs, mine))
        report = ours.audit_json(self.path, '--fast')
        self.expect(report['fast'] and len(report['left_out']) > len(self.report['left_out']),
                    '--fast does not say what it leaves out')

    def check_without_btf(self):
        plain = ours.AuditedPages(self.path, '--no-btf')
        self.check_cover(plain)
        self.same('--no-btf', state_runs(self.ranges, pcp='kernel'), state_runs(plain))
        self.expect('free-pcp' not in {line.state for line in plain.lines}, 'free-pcp without BTF')

    def check_attributes(self):
        """Split further, the ranges are the same otherwise, and add up to the totals."""
        split = ours.AuditedPages(self.path, '--attributes')
        self.check_cover(split)
        counts = collections.Counter()
        content = collections.Counter()
        for line in split.lines:
            counts.update({name: line.count for name in line.attributes})
            content[line.state] += line.count if line.content else 0
        for name, pages in self.report['attributes'].items():
            self.expect(pages is None or pages == counts[name], '%s: %s pages, by ranges %d' % (
                name, pages, counts[name]))
        for row in self.report['states']:
            self.expect(row['content_pages'] == content[row['state']],
                        '%s: content of %d pages, by ranges %d' % (
                            row['state'], row['content_pages'], content[row['state']]))
        self.same('--attributes', place_runs(self.ranges), place_runs(split))


def joined(runs):
    """(start, end, what) with equal neighbours made one."""
    result = []
    for start, end, what in runs:
        if result and result[-1][1:] == (start, what):
            result[-1] = (result[-1][0], end, what)
        else:
            result.append((start, end, what))
    return result


def state_runs(pages, pcp='free-pcp'):
    """What the walk calls offline-section is offline with an attribute here."""
    names = {'free-pcp': pcp, 'offline-section': 'offline'}
    return joined((run[0], run[0] + run[1], names.get(run[2], run[2])) for run in pages.runs)


def order_runs(pages):
    return joined((run[0], run[0] + run[1], run[3]) for run in pages.runs
                  if run[2] not in ('free-pcp', 'kernel'))


def place_runs(pages):
    return joined((line.pfn, line.pfn + line.count,
                   (line.state, line.order, line.node, line.zone)) for line in pages.lines)


def differing(mine, theirs):
    """(start, end, by mine, by theirs) where two lists of runs say different things."""
    cuts = sorted({cut for run in (*mine, *theirs) for cut in run[:2]})
    i = j = 0
    for start, end in zip(cuts, cuts[1:]):
        while i < len(mine) and mine[i][1] <= start:
            i += 1
        while j < len(theirs) and theirs[j][1] <= start:
            j += 1
        a = mine[i][2] if i < len(mine) and mine[i][0] <= start else None
        b = theirs[j][2] if j < len(theirs) and theirs[j][0] <= start else None
        if a != b:
            yield start, end, a, b


def sums_of(ranges):
    """{(place, state): pages}, {(place, state): {order: pages}}; a place is a zone or WHOLE."""
    sums = collections.Counter()
    orders = collections.defaultdict(collections.Counter)
    for line in ranges.lines:
        for where in (WHOLE, (line.node, line.zone)):
            sums[where, line.state] += line.count
            orders[where, line.state][line.order] += line.count
    return sums, orders


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore')
    parser.add_argument('--damaged', action='store_true', help='findings are to be expected')
    args = parser.parse_args()
    test = Test(args.vmcore)
    test.check_cover(test.ranges)
    if not args.damaged:
        test.check_findings()
    test.check_walk()
    test.check_sums()
    test.check_levels()
    test.check_csv()
    test.check_fast()
    test.check_without_btf()
    test.check_attributes()
    print('%d ranges of %d pages; %d notes; %d checks, %d failures' % (
        len(test.ranges.lines), test.ranges.end, len(test.report['findings']), test.checks,
        test.failures))
    return 1 if test.failures or not test.ranges.runs else 0


if __name__ == '__main__':
    sys.exit(main())
