#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_qemu.py FOLDER [VMLINUX]: the dumps that QEMU made of one guest at one moment.

ELF and kdump-zlib (which is flattened, has an empty utsname and a wrong phys_base) have the same pages
in the same states, and a filter makes the same file of both, byte for byte.  With paging, QEMU leaves
out what the guest has mapped nowhere, and nothing else.  crash and drgn open what a filter leaves.
"""
import argparse
import filecmp
import os
import re
import sys
import tempfile

import ours
import truth
from compare_readers import SKIPPED, crash_answers, crash_program, drgn_answers

COMMANDS = {
    'sys': r'RELEASE:',
    'kmem -i': r'(?m)^ *FREE +\d+ ',
    'log': r'Linux version',
    'ps': r'swapper/0',
    'mount': r'rootfs',
}
SECTIONS = {
    'uts': r'release:',
    'tasks': r'(?m)^1 \w+ parent 0',
    'log': r'Linux version',
    'memory_map': r'section 0: [0-9a-f]{64}',
}


class Check:
    def __init__(self):
        self.good = self.failures = 0

    def that(self, condition, what):
        self.good += bool(condition)
        if not condition:
            self.failures += 1
            print('FAILED: ' + what)

    def told(self, reader, answers, needed):
        for name, pattern in needed.items():
            self.that(re.search(pattern, answers.get(name, '')), '%s, %s: %s' % (
                reader, name, answers.get(name, '')[-300:] or str(answers)[:600]))


def states_of(dump):
    return {row['state']: row['pages'] for row in ours.audit_json(dump)['states']}


def check_dump(check, kind, dump):
    info = ours.info_json(dump)
    kdump = kind.startswith('kdump')
    check.that(info['format'] == ('kdump' if kdump else 'elf'), kind + ': ' + info['format'])
    check.that(info['history']['flattened'] == kdump, kind + ': flattened')
    check.that(info['kernel'] and info['kernel']['release'], kind + ': its kernel')
    check.that(info['error'] is None, kind + ': ' + str(info['error']))
    return info


def check_same(check, states, filtered):
    check.that(states['elf'] == states['kdump-zlib'], 'ELF and kdump: states of pages')
    check.that(filecmp.cmp(filtered['elf'], filtered['kdump-zlib'], shallow=False),
               'ELF and kdump: filtered files')


def check_paging(check, states):
    """A few pages of the kernel's image are mapped nowhere, and what has no struct page."""
    without, paging = states['elf'], states['elf-paging']
    for state in without:
        check.that(paging.get(state, 0) <= without[state], 'with paging: more ' + state)
    for state in ('slab', 'page-table', 'anon', 'free'):
        check.that(paging.get(state) == without.get(state), 'with paging: other ' + state)


def check_readers(check, release, dump, vmlinux, folder):
    crash = crash_program(release)
    if crash:
        check.told('crash', crash_answers(crash, release, dump, vmlinux, folder, COMMANDS),
                   COMMANDS)
    try:
        import drgn     # pylint: disable=unused-import,import-outside-toplevel
    except ImportError:
        return
    if re.match(r'\d+\.\d+\.\d+', release):     # else libkdumpfile takes it for none
        check.told('drgn', drgn_answers(dict(os.environ), dump, vmlinux), SECTIONS)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder')
    parser.add_argument('vmlinux', nargs='?')
    parser.add_argument('--truth', help='not used')
    args = parser.parse_args()
    dumps = {name[len('dump.'):]: os.path.join(os.path.abspath(args.folder), name)
             for name in sorted(os.listdir(args.folder)) if name.startswith('dump.')}
    check = Check()
    states, filtered = {}, {}
    with tempfile.TemporaryDirectory(prefix='vmcull-interop-') as folder:
        for kind, dump in dumps.items():
            info = check_dump(check, kind, dump)
            if check.failures:
                return 1
            release = info['kernel']['release']
            vmlinux = args.vmlinux or truth.find_vmlinux(release)
            states[kind] = states_of(dump)
            filtered[kind] = os.path.join(folder, 'filtered.' + kind)
            ours.filter_dump(dump, filtered[kind], '-l', '-d', '31')
            if vmlinux:
                check_readers(check, release, filtered[kind], vmlinux, folder)
        if {'elf', 'kdump-zlib'} <= set(dumps):
            check_same(check, states, filtered)
        if {'elf', 'elf-paging'} <= set(dumps):
            check_paging(check, states)
    print('%s: %d checks passed, %d failed' % (' '.join(dumps), check.good, check.failures))
    return 1 if check.failures else 0 if check.good else SKIPPED


if __name__ == '__main__':
    sys.exit(main())
