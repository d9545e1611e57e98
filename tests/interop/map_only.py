#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""map_only.py VMCORE: `vmcull filter --map-only` against the dump it is made from.

Each page is in the same state by the same rule; audit, explain and diff give the same answers.  Every page of the
output, decoded here, is one of the kernel's, holds nothing but zeros and what the dump has at that
place, and none of the patterns that the guest's workload filled its pages with.  drgn, and
makedumpfile for the log, read it.
"""
import argparse
import glob
import io
import json
import os
import struct
import subprocess
import sys
import tarfile
import tempfile

import elf
import kdump
import ours
import truth
from labkit.paths import work_folder

KEPT = {'kernel', 'page-table', 'unknown'}
VARIANTS = ((), ('--no-btf',), ('--no-btf', '--no-log', '--anonymous'))


def fail(*text):
    print('FAILED:', *text)
    sys.exit(1)


def records(folder):
    """(pfn, tag and index) of pages that the workload made."""
    packed = truth.read_file(folder, 'pages.tar')
    if packed:
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            files = [tar.extractfile(member).read() for member in tar]
    else:
        files = []
        for path in glob.glob(os.path.join(folder, 'pages-*.bin')):
            with open(path, 'rb') as file:
                files.append(file.read())
    for data in files:
        for at in range(0, len(data) - 23, 24):
            yield int.from_bytes(data[at:at + 8], 'little'), data[at + 8:at + 24]


def states(dump):
    """The state of each page, as text: adjoining runs that are equal are joined."""
    joined = []
    for pfn, number, state, _, _, rule in ours.Pages(dump).runs:
        if joined and joined[-1][0] + joined[-1][1] == pfn and joined[-1][2:] == [state, rule]:
            joined[-1][1] += number
        else:
            joined.append([pfn, number, state, rule])
    return joined


def answers(dump):
    """What an audit says, but for the content and the file."""
    told = ours.audit_json(dump)
    for gone in ('levels', 'warnings', 'seconds'):
        told.pop(gone, None)
    del told['dump']['path'], told['dump']['format']
    for finding in told['findings']:
        # Where symbols and types were missing before, they are so for another reason now.
        if finding['name'] == 'type-information':
            finding['message'] = ''
    for group in [told] + told['zones']:
        for state in group['states']:
            del state['content_pages']
    return told


def explained(dump, pages):
    """What is told of a page of each state by each rule, and of the kernel's own addresses, but for
    the content."""
    asked = {}
    for pfn, number, state, _, _, rule in pages.runs:
        asked.setdefault((state, rule), str(pfn + number // 2))
    told = subprocess.run([ours.vmcull(), 'explain', '--json', dump, *asked.values(),
                           *kernel_addresses(dump)], stdout=subprocess.PIPE, check=False,
                          stderr=subprocess.DEVNULL)
    answer = json.loads(told.stdout)['pages']
    for argument in answer:
        if argument['page']:
            for gone in ('content', 'zero', 'attributes', 'kept_by'):
                argument['page'].pop(gone, None)
    return answer


def kernel_addresses(dump):
    """Of what VMCOREINFO names, and where nothing is."""
    text = subprocess.run([ours.vmcull(), 'info', '--vmcoreinfo', dump], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    symbols = [line.split('=')[1] for line in text.splitlines() if line.startswith('SYMBOL(')]
    return ['0x' + symbol for symbol in symbols if int(symbol, 16)] + ['0xffffffffff000000']


class Original:
    """Content of pages in the dump itself, where it is an ELF file."""

    def __init__(self, vmcore):
        kernel = ours.info_json(vmcore)
        self.core = None
        if kernel['format'] == 'elf':
            self.core = elf.Elf(vmcore, kernel['kernel']['page_size'])
        else:
            print('the original is not looked into: it is no ELF file')

    def page(self, pfn):
        """None where it is not known."""
        return self.core and self.core.page(pfn)


def has_tables_only(data):
    """ppc64 has page tables in slabs: 8 bytes an entry, big endian, whose top bit says valid."""
    return all(entry >> 63 or not entry for (entry,) in struct.iter_unpack('>Q', data))


def check_content(out, pages, original, patterns):
    """Returns how many bytes differ from the original, all of them zeros."""
    table = pages.by_pfn()
    blanked = compared = 0
    for pfn, data in kdump.Kdump(out).contents():
        run = table[pfn] if pfn < len(table) else None
        if run is None or run[2] not in KEPT and not (run[2] == 'slab' and has_tables_only(data)):
            fail('page 0x%x of state %s is in the output' % (pfn, run and run[2]))
        # Pages of the workload are the pattern over and over, at multiples of 16.
        for at in range(0, len(data), 16):
            if data[at:at + 16] in patterns:
                fail('page 0x%x holds what a program wrote: %r' % (pfn, data[at:at + 16]))
        whole = original.page(pfn)
        if whole and whole != data:
            compared += 1
            if bytes(a if b else 0 for a, b in zip(whole, data)) != data:
                fail('page 0x%x has bytes that the original has not' % pfn)
            blanked += sum(a != b for a, b in zip(whole, data))
    return compared, blanked


def read_with_drgn(dump, out, vmlinux):
    script = (
        'import sys, drgn\n'
        'from drgn.helpers.linux.printk import get_printk_records\n'
        'program = drgn.Program()\n'
        'program.set_core_dump(sys.argv[1])\n'
        'program.load_debug_info([sys.argv[2]])\n'
        'print(program["init_uts_ns"].name.release.string_())\n'
        'for record in get_printk_records(program): print(record.text)\n')
    told = [subprocess.run(['/usr/bin/python3', '-c', script, path, vmlinux], check=False,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
            for path in (dump, out)]
    if told[0].count(b'\n') < 20:
        print('drgn cannot read the original:', told[0].decode().splitlines()[-1:])
    elif told[0] != told[1]:
        fail('drgn reads another log:', told[1][-300:])
    else:
        print('drgn reads the same log of %d lines' % told[0].count(b'\n'))


def read_with_makedumpfile(dump, out, folder):
    program = os.environ.get('MAKEDUMPFILE') or os.path.join(work_folder(), 'sid', 'makedumpfile')
    if not os.path.exists(program):
        return
    logs = []
    for number, path in enumerate((dump, out)):
        log = os.path.join(folder, 'log%d' % number)
        subprocess.run([program, '--dump-dmesg', path, log], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        logs.append(open(log, 'rb').read() if os.path.exists(log) else None)
    if logs[0] is None:
        print('makedumpfile cannot read the original')
    elif logs[0] != logs[1]:
        fail('makedumpfile reads another log')
    else:
        print('makedumpfile reads the same log of %d lines' % logs[0].count(b'\n'))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('vmcore')
    parser.add_argument('--truth')
    arguments = parser.parse_args()
    folder = arguments.truth or truth.find_folder(arguments.vmcore)
    vmcore = arguments.vmcore

    pages = ours.Pages(vmcore)
    before, audited = states(vmcore), answers(vmcore)
    told = explained(vmcore, pages)
    original = Original(vmcore)
    known = list(records(folder))
    patterns = {record for _, record in known}
    if original.core and known and not truth.is_stripped(folder):
        # The patterns are what is in the original: without that the search proves nothing.
        found = sum((original.page(pfn) or b'')[:16] == record for pfn, record in known[::50])
        print('%d of %d sampled pages of the workload have its pattern' % (
            found, len(known[::50])))
        if not found:
            fail('the workload is not in the dump')

    with tempfile.TemporaryDirectory() as scratch:
        for options in VARIANTS:
            out = os.path.join(scratch, 'out')
            ours.filter_dump(vmcore, out, '--map-only', *options)
            size = os.path.getsize(out)
            if states(out) != before:
                fail('other states with', options)
            if answers(out) != audited:
                fail('another audit with', options)
            if explained(out, pages) != told:
                fail('explain tells something else with', options)
            changes = json.loads(subprocess.run([ours.vmcull(), 'diff', '--json', vmcore, out],
                                                stdout=subprocess.PIPE, check=True).stdout)
            if any(row['from'] != row['to'] for row in changes['states']):
                fail('diff finds changes with', options)
            if '--no-log' not in options:
                read_with_makedumpfile(vmcore, out, scratch)
                release = audited['dump']['kernel_release']
                vmlinux = truth.find_vmlinux(release)
                if vmlinux and not options:
                    read_with_drgn(vmcore, out, vmlinux)
            ours.filter_dump(vmcore, out, '--map-only', '--codec=zlib', *options)
            compared, blanked = check_content(out, pages, original, patterns)
            print('%-36s %9d bytes, %9d with zlib; %d bytes blanked in %d pages' % (
                ' '.join(options) or 'map only', size, os.path.getsize(out), blanked, compared))


if __name__ == '__main__':
    main()
