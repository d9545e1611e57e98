#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_unaccepted.py VMCORE: what audit says of unaccepted memory, against the guest's own lists
and table (unaccepted.json) or against what testdata/lab/mkunaccepted made so.

The pages, pfn for pfn, in every way to ask; which of the three sources the dump has; and where it
has the table of the EFI stub, which of the pages it says are accepted.
"""
import argparse
import json
import os
import subprocess
import sys

import ours
import truth
from compare_kpageflags import ranges_of

WAYS = ((), ('--no-btf',), ('--fast',), ('--fast', '--no-btf'), ('--no-mmap',), ('--attributes',))


def pages_of(lines, state, attribute=None):
    return {pfn for line in lines
            if line.state == state and (attribute is None or attribute in line.attributes)
            for pfn in range(line.pfn, line.pfn + line.count)}


def pages_in(pairs):
    return {pfn for first, end in pairs for pfn in range(int(first, 16), int(end, 16))}


class Test:
    def __init__(self, path, folder):
        self.path = path
        self.expected = truth.unaccepted(path, folder)
        self.told = json.loads(truth.read_file(folder, 'unaccepted.json') or b'null')
        self.failures = 0

    def expect(self, good, text):
        if not good:
            self.failures += 1
            print('FAILED: ' + text)

    def check_pages(self):
        for options in WAYS:
            found = pages_of(ours.AuditedPages(self.path, *options).lines, 'unaccepted')
            self.expect(found == self.expected, 'audit %s: %s' % (
                ' '.join(options), ranges_of(found ^ self.expected)[:200]))

    def check_findings(self, report, allowed):
        for finding in report['findings']:
            self.expect(finding['severity'] == 'note' or finding['name'] in allowed,
                        '%s: %s' % (finding['name'], finding['message']))

    def check_guest(self):
        """Without the kernel's type information, too."""
        for options in ((), ('--no-btf',)):
            report = ours.audit_json(self.path, *options)
            self.check_findings(report, ())
            self.check_zones(report)
            self.check_sources(report)
            if self.told['efi_table']['table_in_this_core'] and options and self.map_only():
                # It holds the table, but not the firmware's list of tables that leads there.
                self.check_no_table(report)
            elif self.told['efi_table']['table_in_this_core']:
                self.check_table(report, options)
            else:
                self.check_no_table(report)
        sources = report['unaccepted']
        for name in ('type', 'list', 'bitmap'):
            print('%-6s %s: %s pages' % (name, sources[name]['how'], sources[name]['pages']))

    def map_only(self):
        info = subprocess.run([ours.vmcull(), 'info', '--json', self.path], check=True,
                              stdout=subprocess.PIPE).stdout
        return json.loads(info)['history']['map_only']

    def check_zones(self, report):
        for told in self.told['zones']:
            if not told['spanned']:
                continue
            zone, = [zone for zone in report['zones']
                     if (zone['node'], zone['zone']) == (told['node'], told['zone'])]
            pages = {row['state']: row['pages'] for row in zone['states']}
            self.expect(pages['unaccepted'] == told['vm_stat_NR_UNACCEPTED'],
                        '%s: %d unaccepted' % (told['zone'], pages['unaccepted']))
            self.expect(zone['spanned_pages'] == told['spanned'], told['zone'] + ': spanned')

    def check_sources(self, report):
        sources = report['unaccepted']
        has_type = self.told['enum_PGTY_unaccepted'] is not None
        self.expect(sources['type']['usable'] == has_type, 'type: %s' % sources['type'])
        if has_type:
            self.expect(sources['type']['pages'] == len(self.expected), 'pages by type')
        self.expect(sources['list']['usable'] and
                    sources['list']['pages'] == self.told['pages_in_listed_blocks'],
                    'list: %s' % sources['list'])

    def check_table(self, report, options):
        table, found = self.told['efi_table'], report['unaccepted']
        accepted = pages_in(self.told['listed_not_in_bitmap'])
        self.expect(found['bitmap']['usable'] and
                    found['bitmap']['pages'] == table['unaccepted_pages'] and
                    int(found['table'], 16) == int(table['efi.unaccepted'], 16) and
                    found['unit_bytes'] == table['unit_size'], 'table: %s' % found)
        self.expect(found['accepted_pages'] == report['attributes']['accepted'] == len(accepted),
                    '%s pages are accepted, not %d' % (found['accepted_pages'], len(accepted)))
        lines = ours.AuditedPages(self.path, *options).lines
        self.expect(pages_of(lines, 'unaccepted', 'accepted') == accepted, 'not those accepted')
        notes = [finding for finding in report['findings']
                 if finding['name'] == 'unaccepted-accepted']
        self.expect([finding['pages'] for finding in notes] == [len(accepted)] * bool(accepted) and
                    all(pages_in((hex(row['pfn']), hex(row['pfn'] + row['count']))
                                 for row in finding['ranges']) == accepted for finding in notes),
                    'the finding names other pages')

    def check_no_table(self, report):
        """A kdump has no ACPI memory, and the user is told so."""
        found = report['unaccepted']
        self.expect(not found['bitmap']['usable'] and found['bitmap']['pages'] is None and
                    'not in the dump' in found['bitmap']['how'], 'bitmap: %s' % found['bitmap'])
        self.expect(report['attributes']['accepted'] is None, 'accepted, by what?')
        self.expect([finding['severity'] for finding in report['findings']
                     if finding['name'] == 'unaccepted-bitmap-absent'] == ['note'],
                    'not told that the bitmap is not in the dump')

    def check_edited(self):
        """The page type was changed, the lists were not."""
        report = ours.audit_json(self.path)
        expected = {'unaccepted-unlisted': len(self.expected)}
        found = {finding['name']: finding['pages'] for finding in report['findings']
                 if finding['name'].startswith('unaccepted-') and finding['severity'] != 'note' and
                 finding['pages']}
        if not report['unaccepted']['list']['usable']:
            expected = {}
        self.expect(found == expected, 'findings: %s, not %s' % (found, expected))
        # Only the type of the head was changed, so the lists that the blocks were on are shorter.
        self.check_findings(report, {*expected, 'free-area-count', 'unaccepted-count'})


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore')
    parser.add_argument('--truth', metavar='FOLDER', help='where unaccepted.json is')
    args = parser.parse_args()
    test = Test(args.vmcore, args.truth or truth.find_folder(os.path.abspath(args.vmcore)))
    test.check_pages()
    if test.told:
        test.check_guest()
    else:
        test.check_edited()
    print('%d unaccepted pages, told in %d ways: %d failures' % (
        len(test.expected), len(WAYS), test.failures))
    return 1 if test.failures or not test.expected else 0


if __name__ == '__main__':
    sys.exit(main())
