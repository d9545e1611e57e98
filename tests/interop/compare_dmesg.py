#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares the log that vmcull finds in a dump with what others say of it, byte for byte:

guest         what the kernel itself gave as its log (syslog(2)) right before it crashed: it is how
              the log in the dump begins.  Compared are level, facility, time and text of each line.
              Names that a fixture was freed of match anything.
makedumpfile  --dump-dmesg, all of it; of x86_64 unless one is given.  Versions up to 1.7.2 show no
              callers.
vmcore-dmesg  of kexec-tools, all of it; it reads ELF files of x86_64 only.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

import foreign
import ours
import truth

SKIPPED = 77


def vmcull_dmesg(*arguments):
    return subprocess.run([ours.vmcull(), 'dmesg', *arguments], check=True,
                          stdout=subprocess.PIPE).stdout


def kernel_lines(records):
    """As syslog(2) has them: each line of a record with level and time; empty ones, too."""
    for record in records:
        if record['text'] is None:
            continue
        start = '<%d>[%5d.%06d] ' % (record['facility'] * 8 + record['level'],
                                     record['time'] // 10**9, record['time'] % 10**9 // 1000)
        for line in record['text'].split('\n'):
            yield start + line


def same(found, wanted):
    return found == wanted or len(found) == len(wanted) and '\0' in found and all(
        a in ('\0', b) for a, b in zip(found, wanted))


def compare_guest(records, folder):
    text = truth.read_file(folder, 'dmesg.txt')
    if not text:
        return None
    wanted = text.decode(errors='replace').splitlines()
    found = list(kernel_lines(records))
    if records[0]['seq']:       # the ring went round since: the oldest are gone
        while wanted and not same(found[0], wanted[0]):
            wanted.pop(0)
    for number, (a, b) in enumerate(zip(found, wanted)):
        if not same(a, b):
            raise SystemExit('line %d differs from the guest\'s:\n%s\n%s' % (number + 1, a, b))
    if len(found) < len(wanted) or not wanted:
        raise SystemExit('the guest has %d lines, the dump %d' % (len(wanted), len(found)))
    return '%d lines, and %d that came later' % (len(wanted), len(found) - len(wanted))


def compare_bytes(found, wanted):
    if found == wanted:
        return '%d bytes' % len(wanted)
    for number, (a, b) in enumerate(zip(found.splitlines(), wanted.splitlines())):
        if a != b:
            raise SystemExit('line %d differs:\n%s\n%s' % (number + 1, a, b))
    raise SystemExit('%d bytes instead of %d' % (len(found), len(wanted)))


def as_face(folder, name, *arguments):
    """What vmcull prints when it is called by another name."""
    path = os.path.join(folder, name)
    os.symlink(ours.vmcull(), path)
    return subprocess.run([path, *arguments], check=True, stdout=subprocess.PIPE).stdout


def compare_makedumpfile(vmcore, tool):
    version = subprocess.run([tool, '-v'], stdout=subprocess.PIPE, text=True, check=True).stdout
    number = version.split('version ')[1].split()[0]
    old = [int(part) for part in number.split('.')] <= [1, 7, 2]
    with tempfile.TemporaryDirectory(prefix='vmcull-interop-') as folder:
        path = os.path.join(folder, 'log')
        status = subprocess.run([tool, '--dump-dmesg', vmcore, path], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, errors='replace')
        if status.returncode:
            why = foreign.why_not(status.stdout)
            if not why:
                raise SystemExit(status.stdout)
            return None
        with open(path, 'rb') as file:
            wanted = file.read()
        os.remove(path)
        as_face(folder, 'makedumpfile', '--dump-dmesg', vmcore, path)
        with open(path, 'rb') as file:
            compare_bytes(file.read(), vmcull_dmesg(vmcore))
    found = vmcull_dmesg(*(['--no-caller'] if old else []), vmcore)
    return '%s: %s' % (number, compare_bytes(found, wanted))


def compare_vmcore_dmesg(vmcore):
    tool = shutil.which('vmcore-dmesg', path='/usr/sbin:/sbin:' + os.environ['PATH'])
    with open(vmcore, 'rb') as file:
        if not tool or file.read(4) != b'\x7fELF':
            return None
    wanted = subprocess.run([tool, vmcore], stdout=subprocess.PIPE, check=True).stdout
    with tempfile.TemporaryDirectory(prefix='vmcull-interop-') as folder:
        return compare_bytes(as_face(folder, 'vmcore-dmesg', vmcore), wanted)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore')
    parser.add_argument('--makedumpfile', default=os.environ.get('MAKEDUMPFILE'))
    parser.add_argument('--truth', metavar='FOLDER', help='where dmesg.txt is')
    args = parser.parse_args()
    records = json.loads(vmcull_dmesg('--json', args.vmcore))['records']
    machine = foreign.machine(args.vmcore)
    makedumpfile = args.makedumpfile
    if machine == foreign.HERE and not makedumpfile:
        makedumpfile = foreign.tool(machine, 'makedumpfile') or shutil.which('makedumpfile')

    results = {'guest': compare_guest(records, args.truth or truth.find_folder(args.vmcore))}
    if makedumpfile:
        results['makedumpfile'] = compare_makedumpfile(args.vmcore, makedumpfile)
    if machine == foreign.HERE:
        results['vmcore-dmesg'] = compare_vmcore_dmesg(args.vmcore)
    for name, result in results.items():
        print('%-13s %s' % (name, result or 'cannot be compared'))
    print('%-13s %d records' % ('vmcull', len(records)))
    return 0 if any(results.values()) else SKIPPED


if __name__ == '__main__':
    sys.exit(main())
