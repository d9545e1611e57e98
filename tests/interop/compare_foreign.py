#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_foreign.py VMCORE: crash and makedumpfile of the dump's own machine, under qemu-user,
tell the same of what vmcull filter writes as of the dump itself.

makedumpfile: from outputs of three levels and three codecs it keeps the pages that it keeps of the
dump, as far as the level left them there, and takes the same kernel log.  crash: its answers on the
dump, and on outputs of level 1 and 31.

What a tool cannot do with the dump itself is told, and then not asked of it with our output.
"""
import argparse
import filecmp
import os
import subprocess
import sys
import tempfile

import compare_readers
import foreign
import kdump
import ours
import truth

SKIPPED = 77
LEVELS, CODECS = (0, 1, 31), ('zlib', 'lzo', 'zstd')
CRASH_TIMEOUT = 1500    # emulated
# Of crash, and what has to be in the answer.
COMMANDS = {
    'sys': r'RELEASE:',
    'kmem -i': r'(?m)^ *FREE +\d+ ',
    'kmem -n': r'NODE',
    'ps': r'swapper/0|\[swapper\]',
    'bt -a': r'PID: \d+',
    'log': r'Linux version',
    'mod': r'MODULE',
    'mount': r'rootfs',
    'net': r'lo',
    'runq': r'CPU 0',
}


class Test:
    def __init__(self, path, machine, folder):
        self.path, self.machine, self.folder = path, machine, folder
        self.makedumpfile = foreign.tool(machine, 'makedumpfile')
        self.failures = self.good = 0

    def file(self, name):
        return os.path.join(self.folder, name)

    def check(self, good, what):
        if good:
            self.good += 1
        else:
            self.failures += 1
            print('FAILED: ' + what)

    def run_makedumpfile(self, *arguments):
        """(did it succeed, what it said)"""
        done = subprocess.run([self.makedumpfile, '-f', *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        return done.returncode == 0, done.stdout.decode(errors='replace')

    def dmesg(self, dump):
        good, said = self.run_makedumpfile('--dump-dmesg', dump, self.file('dmesg'))
        if not good:
            return 'FAILED: ' + said
        with open(self.file('dmesg'), errors='replace') as file:
            return file.read()

    def filter(self, level, codec):
        out = self.file('ours')
        # LZO is what files of makedumpfile are compared with byte by byte.
        more = ['--no-checksums'] if codec == 'lzo' else []
        ours.filter_dump(self.path, out, '-d', str(level), '--codec=' + codec, *more)
        return out

    def test_makedumpfile(self):
        """The pages, and the log, that makedumpfile takes from our output."""
        expected_path, theirs_path = self.file('expected'), self.file('theirs')
        good, said = self.run_makedumpfile('-l', '-d', '31', self.path, expected_path)
        if not good:
            why = foreign.why_not(said)
            print('makedumpfile cannot read the dump itself: %s' % (why or said))
            self.check(why, 'an unknown reason')
            return
        expected, log = kdump.Kdump(expected_path), self.dmesg(self.path)
        self.check('Linux version' in log, 'the log of the dump: ' + log[-300:])
        good, said = self.run_makedumpfile('-l', '-d', '31', expected_path, theirs_path)
        if not good:
            self.good += 1
            print('makedumpfile cannot read what it wrote itself: ' + said.strip()[:300])
            return
        half_there = kdump.from_ranges(
            (pfn, 1) for pfn in foreign.partial_pages(self.path, expected.block_size))
        for level in LEVELS:
            for codec in CODECS:
                out, what = self.filter(level, codec), 'level %d, %s: ' % (level, codec)
                good, said = self.run_makedumpfile('-l', '-d', '31', out, theirs_path)
                self.check(good, what + said)
                if not good:
                    continue
                mine, theirs = kdump.Kdump(out), kdump.Kdump(theirs_path)
                self.check(not (theirs.kept ^ expected.kept & mine.kept) & ~half_there,
                           what + '%d pages kept, not %d' % (
                               kdump.count(theirs.kept), kdump.count(expected.kept & mine.kept)))
                self.check(theirs.memory == mine.memory and
                           not (theirs.memory ^ expected.memory) & ~half_there,
                           what + 'not the same memory')
                self.check(self.dmesg(out) == log, what + 'another log: ' + self.dmesg(out)[-300:])
                if codec == 'lzo' and level == 31:
                    print('the file of level 31 with LZO is %s makedumpfile makes' % (
                        'byte by byte the one that'
                        if filecmp.cmp(out, expected_path, shallow=False) else 'not the one that'))
        print('makedumpfile: %d pages of level 31, a log of %d lines, from %d outputs' % (
            kdump.count(expected.kept), log.count('\n'), len(LEVELS) * len(CODECS)))

    def crash_answers(self, crash, release, dump, vmlinux):
        return compare_readers.crash_answers(crash, release, dump, vmlinux, self.folder, COMMANDS,
                                             CRASH_TIMEOUT)

    def test_crash(self):
        release = ours.info_json(self.path)['kernel']['release']
        crash, vmlinux = foreign.tool(self.machine, 'crash'), foreign.vmlinux(self.machine, release)
        if not crash or not vmlinux:
            print('no ' + ('vmlinux of ' + release if crash else 'crash'))
            return
        base = self.path
        raw = self.crash_answers(crash, release, base, vmlinux)
        if 'RELEASE:' not in raw.get('sys', ''):
            print('crash cannot open the dump itself: %s' % raw['(start)'].strip()[-600:])
            base = self.file('base')
            if self.run_makedumpfile('-l', '-d', '1', self.path, base)[0]:
                raw = self.crash_answers(crash, release, base, vmlinux)
        can_read = 'RELEASE:' in raw.get('sys', '')
        if can_read and base != self.path:
            print('but it opens what makedumpfile makes of it at level 1')
        for level, codec in ((31, 'zlib'), (1, 'zstd')):
            out = self.filter(level, codec)
            answers = self.crash_answers(crash, release, out, vmlinux)
            if not can_read:
                print('level %d: crash %s our output: %s' % (
                    level, 'opens' if 'RELEASE:' in answers.get('sys', '') else 'cannot open',
                    answers['(start)'].strip()[-300:]))
                continue
            readers = compare_readers.Comparison()
            # What it cannot answer of the dump itself is no affair of ours.
            readers.compare('crash, level %d' % level, raw, answers, (base, out),
                            {'sys': COMMANDS['sys'], 'log': COMMANDS['log'], 'ps': COMMANDS['ps']})
            for command, pattern in COMMANDS.items():
                if not compare_readers.re.search(pattern, raw.get(command, '')):
                    print('crash cannot do %s with the dump: %s' % (
                        command, raw.get(command, '').strip()[-200:]))
            self.good += readers.equal
            self.failures += readers.failures


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore')
    parser.add_argument('--truth', metavar='FOLDER', help='where kept.txt is')
    parser.add_argument('--only', choices=('crash', 'makedumpfile'))
    args = parser.parse_args()
    vmcore = os.path.abspath(args.vmcore)
    machine = foreign.machine(vmcore)
    if machine == foreign.HERE or not foreign.tool(machine, 'makedumpfile'):
        print('skipped: ' + ('of this machine' if machine == foreign.HERE else
                             'no makedumpfile for %s (testdata/lab/foreign tools)' % machine))
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix='vmcull-interop-') as folder:
        test = Test(vmcore, machine, folder)
        if args.only != 'crash':
            test.test_makedumpfile()
        if truth.is_stripped(args.truth or truth.find_folder(vmcore)):
            print('no crash: without the kernel itself in it')
        elif args.only != 'makedumpfile':
            test.test_crash()
    print('%d answers equal, %d failures' % (test.good, test.failures))
    return 1 if test.failures else 0


if __name__ == '__main__':
    sys.exit(main())
