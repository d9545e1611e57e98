# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs of the program after which everything that it wrote is searched for marks."""
import collections
import os
import re
import shutil
import subprocess

import ours
from marks import Output

CODECS = ('none', 'zlib', 'lzo', 'snappy', 'zstd')


class Searched:
    def __init__(self, scratch, marks):
        self.scratch, self.marks = scratch, marks
        self.out = os.path.join(scratch, 'out')
        self.failures = self.runs = self.files = 0
        self.version = subprocess.run([ours.vmcull(), '--version'], check=True, text=True,
                                      stdout=subprocess.PIPE).stdout

    def path(self, name):
        return os.path.join(self.scratch, name)

    def expect(self, good, text):
        if not good:
            self.failures += 1
            print('FAILED: ' + text, flush=True)

    def has_analysis(self):
        return not re.search(r'^without .*\bconvert\b', self.version, re.M)

    def codecs(self):
        known = re.findall(r'^codec (\w+):', self.version, re.M)
        return [codec for codec in CODECS if codec == 'none' or codec in known]

    def run(self, *arguments, statuses=(0,)):
        """With an empty folder as the current one."""
        shutil.rmtree(self.out, ignore_errors=True)
        os.mkdir(self.out, 0o700)
        with open(os.path.join(self.out, 'stdout'), 'wb') as out, \
                open(os.path.join(self.out, 'stderr'), 'wb') as err:
            status = subprocess.run([ours.vmcull(), *arguments], cwd=self.out, stdout=out,
                                    stderr=err, stdin=subprocess.DEVNULL, check=False).returncode
        self.runs += 1
        if status not in statuses:
            with open(os.path.join(self.out, 'stderr')) as err:
                self.expect(False, '%s: status %d: %s' % (arguments, status, err.read()[-500:]))

    def search(self, name, kept=()):
        """Marks of no kind but those of @kept are in any file.  Returns how often those are there."""
        found = collections.Counter()
        for file in sorted(os.listdir(self.out)):
            output = Output(os.path.join(self.out, file), self.marks, self.scratch)
            self.files += 1
            for kind, number in (output.raw | output.decoded).items():
                self.expect(kind in kept, '%s: %s: %d marks of %s' % (name, file, number, kind))
            for fault in output.faults:
                self.expect(False, '%s: %s: %s' % (name, file, fault))
            found += output.decoded
        return found

    def summary(self):
        print('%d runs, %d files searched, %d failures' % (self.runs, self.files, self.failures))
        return 1 if self.failures else 0
