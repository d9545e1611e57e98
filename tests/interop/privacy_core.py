#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""privacy_core.py VMCORE: a core of the program has no page of the dump that is left out.

Each page that can be left out is filled with marks, as privacy.py does it.  strace ends the program
by SIGABRT at some of its system calls.  coredump_filter asks for everything, also for maps of files.
Commands that read such pages to tell of them leave no core at all.
"""
import argparse
import glob
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

import flattened
import ours
import privacy
import truth
from marks import map_file

EVERYTHING = '0x7f'     # for coredump_filter: also maps of files
MOMENTS = (0.05, 0.4, 0.8)


def prepare():
    """In the child."""
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
    with open('/proc/self/coredump_filter', 'w') as file:
        file.write(EVERYTHING)


def cores_can_be_had(folder):
    """Where the kernel puts them into the current folder, and no sanitizer is in the way."""
    with open('/proc/sys/kernel/core_pattern') as file:
        pattern = file.read().strip()
    with open(ours.vmcull(), 'rb') as file:
        sanitized = b'__asan_init' in file.read()
    if sanitized or pattern.startswith('|') or '/' in pattern or not shutil.which('strace'):
        return False
    subprocess.run(['sh', '-c', 'kill -ABRT $$'], cwd=folder, preexec_fn=prepare, check=False)
    return bool(take_cores(folder))


def take_cores(folder):
    """The cores in a folder, read and removed."""
    cores = []
    for path in glob.glob(os.path.join(folder, 'core*')):
        cores.append(bytes(map_file(path)))
        os.unlink(path)
    return cores


class Test(privacy.Test):
    def strace(self, expression, arguments, log):
        with open(self.path('messages'), 'wb') as messages:
            return subprocess.run(['strace', '-f', '-s', '0', '-o', log, *expression, ours.vmcull(),
                                   *arguments], cwd=self.out, preexec_fn=prepare, check=False,
                                  stdin=subprocess.DEVNULL, stdout=messages,
                                  stderr=messages).returncode

    def calls(self, name, arguments):
        """How many calls of this name a run makes."""
        log = self.path('strace')
        self.clear()
        self.strace(('-e', 'trace=' + name, '-e', 'signal=none'), arguments, log)
        with open(log) as lines:
            return sum(name + '(' in line for line in lines)

    def clear(self):
        shutil.rmtree(self.out, ignore_errors=True)
        os.mkdir(self.out, 0o700)

    def check(self, call, *arguments, moments=MOMENTS, core=True):
        """Ends runs at some of those calls: a core without a mark, or none at all."""
        text = ' '.join(arguments)
        number = self.calls(call, arguments)
        self.expect(number, 'no %s() by %s' % (call, text))
        for moment in moments:
            when = max(1, int(number * moment))
            self.clear()
            ended = self.strace(('-e', 'inject=%s:signal=ABRT:when=%d' % (call, when)), arguments,
                                '/dev/null')
            cores = take_cores(self.out)
            self.expect(ended == -signal.SIGABRT, '%s was not ended at %s() %d' % (
                text, call, when))
            self.expect(bool(cores) == core, '%s leaves %d cores' % (text, len(cores)))
            for found in cores:
                self.files += 1
                for kind, count in self.marks.count(found).items():
                    self.expect(False, '%s: core at %s() %d: %d marks of %s' % (
                        text, call, when, count, kind))
        self.runs += 1

    def check_all(self):
        level0, flat = self.path('level0'), self.path('flat')
        ours.filter_dump(self.marked, level0, '-d', '0', '--codec=zlib')
        flattened.flatten(self.marked, flat)
        for source in (self.marked, level0, flat):
            for more in ((), ('--no-mmap',)):
                self.check('pread64' if more else 'madvise', 'filter', '-qf',
                           '--threads=1', *more, source, 'out')
        # Each thread counts its own calls, and those of one are no fifth of all.
        self.check('pread64', 'filter', '-qf', '--threads=2', '--no-mmap', self.marked, 'out',
                   moments=(0.05, 0.1))
        self.check('pwrite64', 'filter', '-qf', '--threads=1', '-E', self.marked, 'out')
        self.check('pread64', 'filter', '-qf', '--threads=1', '--map-only', '--no-mmap',
                   self.marked, 'out')
        self.check('madvise', 'audit', '--zero', self.marked, core=False)
        self.check('pread64', 'audit', '--zero', '--no-mmap', self.marked, core=False)
        if self.has_analysis():
            self.check('pread64', 'estimate', '--sample=100', '--no-mmap', self.marked, core=False)
            self.check('pread64', 'verify', '--no-mmap', self.marked, core=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore')
    parser.add_argument('--truth', metavar='FOLDER', help='where kpageflags is')
    args = parser.parse_args()
    folder = args.truth or truth.find_folder(args.vmcore)
    with tempfile.TemporaryDirectory(prefix='vmcull-interop-', dir='.') as scratch:
        if not cores_can_be_had(scratch):
            print('skipped: no cores, or no strace, or a sanitizer')
            return 77
        test = Test(args.vmcore, folder, os.path.abspath(scratch))
        test.check_all()
        return test.summary()


if __name__ == '__main__':
    sys.exit(main())
