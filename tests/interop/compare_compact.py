#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_compact.py VMCORE: a dump whose memory map is compact against the same in full.

vmcull reads the same in both.  makedumpfile, which knows nothing of that, keeps the same pages of
both, and of those as many differ as were compact: in page.lru.  crash and drgn, where there is a
vmlinux, tell the same of both.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

import compare_readers
import kdump
import ours
import truth
from labkit.paths import work_folder

COMMANDS = {
    'kmem -i': r'(?m)^ *FREE +\d+ ',
    'kmem -f': r'AREA',
    'kmem -n': r'NODE',
    'kmem -p': r'PHYSICAL',
    'kmem -V': r'NR_FREE_PAGES',
    'kmem -v': r'VMAP_AREA',
    'kmem -s': r'dentry',
    'bt -a': r'(?s)CPU: 0 .*#\d+ ',
    'log': r'sysrq: Trigger a crash|Kernel panic',
    'ps': r'swapper/0',
}


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900)


def differing(dump, original):
    """How many pages of a dump are not what the original has."""
    done = run(ours.vmcull(), 'verify', '--limit=0', '--against', original, dump)
    told = done.stdout.decode(errors='replace')
    found = re.findall(r'(?m)^content', told)
    others = re.findall(r'(?m)^(extra |page |missing +[1-9])', told)
    return len(found), others


def run_makedumpfile(full, compact, folder, pages):
    program = os.environ.get('MAKEDUMPFILE') or os.path.join(work_folder(), 'sid', 'makedumpfile')
    if not os.path.exists(program):
        print('skipped: no makedumpfile')
        return 0
    outputs = [os.path.join(folder, name) for name in ('full.again', 'compact.again')]
    for dump, output in zip((full, compact), outputs):
        done = run(program, '-l', '-d', '31', dump, output)
        if done.returncode:
            print('skipped: makedumpfile: %s' % done.stdout.decode(errors='replace')[-200:])
            return 1 if dump == compact else 0
    first, second = map(kdump.Kdump, outputs)
    found, others = differing(outputs[1], outputs[0])
    print('makedumpfile: %d pages of both, of which %d differ; %d were compact' % (
        kdump.count(second.kept), found, pages))
    return first.kept != second.kept or bool(others) or found != pages


def run_readers(vmcore, full, compact, folder):
    release = ours.info_json(vmcore)['kernel']['release']
    vmlinux = truth.find_vmlinux(release)
    if not vmlinux:
        print('skipped: no vmlinux of %s' % release)
        return 0
    comparison = compare_readers.Comparison()
    crash = compare_readers.crash_program(release)
    dumps = (full, compact)
    if crash:
        told = [compare_readers.crash_answers(crash, release, dump, vmlinux, folder, COMMANDS)
                for dump in dumps]
        comparison.compare('crash', *told, dumps, COMMANDS)
    told = [run('/usr/bin/python3', os.path.join(ours.HERE, 'drgn_map.py'), dump, vmlinux)
            .stdout.decode(errors='replace') for dump in dumps]
    if 'No module named' in told[0]:
        print('skipped: no drgn')
    else:
        comparison.compare('drgn', *({'map': text} for text in told), dumps,
                           {'map': r'(?m)^[0-9a-f]{64}$'})
    return comparison.failures


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore')
    parser.add_argument('--truth', metavar='FOLDER', help='of the dump')
    args = parser.parse_args()
    vmcore = os.path.abspath(args.vmcore)
    failures = 0
    with tempfile.TemporaryDirectory(prefix='vmcull-interop-') as folder:
        full, compact, back = (os.path.join(folder, name) for name in ('full', 'compact', 'back'))
        ours.filter_dump(vmcore, full, '-d', '31', '-l')
        ours.filter_dump(vmcore, compact, '-d', '31', '-l', '--compact-map')
        pages = ours.info_json(compact)['history']['compact_pages']
        print('%d pages of the map are compact, %d bytes of %d' % (
            pages, os.path.getsize(compact), os.path.getsize(full)))
        subprocess.run([ours.vmcull(), 'convert', '-q', '--full-map', compact, back], check=True)
        with open(full, 'rb') as one, open(back, 'rb') as other:
            if one.read() != other.read():
                failures += 1
                print('DIFFERENT: in full again it is another file')
        os.unlink(back)
        failures += run_makedumpfile(full, compact, folder, pages)
        if not truth.is_stripped(args.truth or truth.find_folder(vmcore)):
            failures += run_readers(vmcore, full, compact, folder)
    print('%d failures' % failures)
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
