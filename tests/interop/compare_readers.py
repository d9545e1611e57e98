#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_readers.py VMCORE [VMLINUX]: crash and drgn tell the same of a filtered dump (level 31)
as of the vmcore that it was made from.

crash: $CRASH, or what fits the kernel: the crash of this machine for kernels before 6.5, that of
the lab (9 of Debian sid) for later ones.  What readers cannot do with a kernel is worked around
here.
"""
import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile

import ours
import truth
from labkit.paths import work_folder

SKIPPED = 77

# Commands of crash, and what has to be in the answer.
COMMANDS = {
    'sys': r'RELEASE:',
    'kmem -i': r'(?m)^ *FREE +\d+ ',
    'kmem -n': r'NODE',
    'bt -a': r'(?s)CPU: 0 .*#\d+ ',
    'log': r'sysrq: Trigger a crash|Kernel panic',
    'ps': r'swapper/0',   # crash 8.0.2 finds few of 6.1
    'mount': r'rootfs',
    'dev': r'(?i)blkdev',
    'timer': r'(?i)jiffies|clock',
}
# Of drgn_transcript.py: sections that have to have been told.
SECTIONS = {
    'uts': r'release:',
    'tasks': r'(?m)^1 \w+ parent 0',
    'stacks': r'#0 ',
    'log': r'sysrq: Trigger a crash|Kernel panic',
    'slabs': r'(?m)^dentry size',
    'counters': r'zone DMA32',
    'text_hash': r'bytes: [0-9a-f]{64}',
    'memory_map': r'section 0: [0-9a-f]{64}',
}


def version_of(release):
    return tuple(int(number) for number in re.findall(r'\d+', release)[:2])


def crash_program(release):
    if os.environ.get('CRASH'):
        return os.environ['CRASH']
    newer = os.path.join(work_folder(), 'sid', 'crash')
    if version_of(release) >= (6, 5) and os.path.exists(newer):
        return newer
    return shutil.which('crash')


def crash_answers(crash, release, dump, vmlinux, folder, commands=COMMANDS, timeout=600):
    """{command: its answer}"""
    # crash 9.0.2 does not know struct module of 7.x; that of any kernel is its affair, not ours.
    options = ['--no_modules'] if version_of(release) >= (7, 0) else []
    paths = {command: os.path.join(folder, 'answer%d' % i) for i, command in enumerate(commands)}
    with open(os.path.join(folder, 'commands'), 'w') as file:
        file.writelines('%s > %s\n' % pair for pair in paths.items())
        file.write('quit\n')
    done = subprocess.run([crash, '-s', *options, '-i', file.name, vmlinux, dump],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, cwd=folder, timeout=timeout)
    answers = {'(start)': done.stdout.decode(errors='replace')}
    for command, path in paths.items():
        if os.path.exists(path):
            with open(path, errors='replace') as file:
                answers[command] = file.read()
            os.unlink(path)
    return answers


def drgn_answers(environment, dump, vmlinux):
    """{section: what was told}"""
    done = subprocess.run(['/usr/bin/python3', os.path.join(ours.HERE, 'drgn_transcript.py'), dump,
                           vmlinux], env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=600)
    answers = {'(errors)': done.stderr.decode(errors='replace')}
    for part in done.stdout.decode(errors='replace').split('=== ')[1:]:
        name, _, told = part.partition('\n')
        answers[name] = told
    return answers


def normalise(told, dump):
    """Without what tells the two files apart."""
    told = told.replace(dump, 'DUMP')
    return re.sub(r'(?m)^( *DUMPFILE: \S+).*$', r'\1', told)


def stream(*options):
    def write(vmcore, filtered, *more):
        with open(filtered, 'wb') as file:
            subprocess.run([ours.vmcull(), 'filter', '-q', '--flattened', *options, *more, vmcore],
                           stdout=file, check=True)
    return write


FORMS = {
    'kdump': lambda vmcore, filtered, *more: ours.filter_dump(vmcore, filtered, '-l', *more),
    'elf': lambda vmcore, filtered, *more: ours.filter_dump(vmcore, filtered, '--elf', *more),
    'flattened': stream('-l'),
    'flattened-elf': stream('--elf'),
}


class Comparison:
    def __init__(self):
        self.equal = self.failures = 0

    def compare(self, reader, raw, filtered, dumps, needed):
        for name in raw:
            before = normalise(raw[name], dumps[0])
            after = normalise(filtered.get(name, ''), dumps[1])
            if before != after:
                self.failures += 1
                print('DIFFERENT: %s, %s' % (reader, name))
                lines = difflib.unified_diff(before.splitlines(), after.splitlines(), 'vmcore',
                                             'filtered', n=0, lineterm='')
                for line, _ in zip(lines, range(20)):
                    print('  ' + line[:200])
            else:
                self.equal += 1
        for name, pattern in needed.items():
            if not re.search(pattern, raw.get(name, '')):
                self.failures += 1
                print('FAILED: %s, %s: nothing told of the vmcore: %s' % (
                    reader, name, raw.get(name, '')[-300:] or raw.get('(start)', '')[-600:]))
        print('%s: %d answers, %d lines' % (
            reader, len(raw), sum(told.count('\n') for told in raw.values())))


def run_crash(comparison, release, dumps, vmlinux, folder):
    crash = crash_program(release)
    if not crash:
        print('skipped: no crash')
        return
    raw, filtered = (crash_answers(crash, release, dump, vmlinux, folder) for dump in dumps)
    comparison.compare('crash', raw, filtered, dumps, COMMANDS)


def run_drgn(comparison, release, dumps, vmlinux):
    environment = dict(os.environ)
    if subprocess.run(['/usr/bin/python3', '-c', 'import drgn'],
                      stderr=subprocess.DEVNULL).returncode:
        print('skipped: no drgn')
        return
    if not re.match(r'\d+\.\d+\.\d+', release):
        # libkdumpfile takes a release of two numbers for none.
        shim = ours.helper('version_code.so')
        if not shim:
            print('skipped: drgn: version_code.so is not built')
            return
        major, minor = version_of(release)
        environment.update(LD_PRELOAD=shim, VERSION_CODE=str(major << 16 | minor << 8))
    raw, filtered = (drgn_answers(environment, dump, vmlinux) for dump in dumps)
    comparison.compare('drgn', raw, filtered, dumps, SECTIONS)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore')
    parser.add_argument('vmlinux', nargs='?')
    parser.add_argument('--truth', metavar='FOLDER', help='where kept.txt is')
    parser.add_argument('--level', type=int, default=31)
    parser.add_argument('--form', choices=FORMS, default='kdump', help='what is filtered to')
    args = parser.parse_args()
    vmcore = os.path.abspath(args.vmcore)
    if truth.is_stripped(args.truth or truth.find_folder(vmcore)):
        print('skipped: without the kernel itself in it')
        return SKIPPED
    release = ours.info_json(vmcore)['kernel']['release']
    vmlinux = args.vmlinux or truth.find_vmlinux(release)
    if not vmlinux:
        print('skipped: no vmlinux of %s' % release)
        return SKIPPED
    comparison = Comparison()
    with tempfile.TemporaryDirectory(prefix='vmcull-interop-') as folder:
        filtered = os.path.join(folder, 'filtered')
        FORMS[args.form](vmcore, filtered, '-d', str(args.level))
        dumps = (vmcore, filtered)
        run_crash(comparison, release, dumps, vmlinux, folder)
        run_drgn(comparison, release, dumps, vmlinux)
    print('%d answers equal, %d failures' % (comparison.equal, comparison.failures))
    if not comparison.equal and not comparison.failures:
        return SKIPPED
    return 1 if comparison.failures else 0


if __name__ == '__main__':
    sys.exit(main())
