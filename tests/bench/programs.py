# SPDX-License-Identifier: GPL-2.0-or-later
"""The programs that are measured: how each is called, and what it can do."""
import glob
import os
import re
import shutil
import subprocess

import measure
from dumps import LAB


def output_of(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=measure.CLEAN).stdout.decode()


class Ours:
    def __init__(self, path):
        self.path = os.path.abspath(path)
        self.version = output_of(self.path, '--version')
        self.codecs = {'none', *re.findall(r'^codec (\w+):', self.version, re.M)}
        self.help = output_of(self.path, 'filter', '--help')
        self.has_threads = '--threads' in self.help

    def filter(self, vmcore, out, codec, threads=1, options=()):
        threaded = ['--threads=%d' % threads] if self.has_threads else []
        return [self.path, 'filter', '-q', '-f', '-d', '31', '--codec=' + codec, *threaded,
                *options, vmcore, out]


def direct_call(path):
    """The lab's is a shell script, which takes 3 ms of CPU: what it runs, without it."""
    libraries = glob.glob(os.path.join(os.path.dirname(path), 'usr', 'lib', '*', 'ld-linux*'))
    if not libraries:
        return [path]
    return [libraries[0], '--library-path', os.path.dirname(libraries[0]),
            os.path.join(os.path.dirname(path), 'usr', 'bin', os.path.basename(path))]


class Makedumpfile:
    CODECS = {'zlib': ['-c'], 'lzo': ['-l'], 'snappy': ['-p'], 'zstd': ['-z'], 'none': []}
    BOUNDS_FROM = (1, 7, 8)

    def __init__(self, path):
        self.call = direct_call(os.path.abspath(path))
        said = output_of(*self.call, '-v')
        found = re.search(r'version (\d+)\.(\d+)\.(\d+)', said)
        self.version = tuple(map(int, found.groups())) if found else ()
        # One that was built without a codec takes the option, and writes as if it had none.
        disabled = set(re.findall(r'^(\w+)\s+disabled', said, re.M))
        self.codecs = set(self.CODECS) - disabled

    def about(self):
        newest = '.'.join(map(str, self.BOUNDS_FROM))
        return 'makedumpfile ' + '.'.join(map(str, self.version)) + (
            '' if self.version >= self.BOUNDS_FROM else
            ' (the bounds were set beside %s, which testdata/lab/lab tools gets)' % newest)

    def filter(self, vmcore, out, codec, threads=1, options=()):
        threaded = ['--num-threads', str(threads)] if threads > 1 else []
        return [*self.call, *self.CODECS[codec], '-d', '31', '-f', *threaded, *options,
                vmcore, out]


def find_makedumpfile():
    """The one that $MAKEDUMPFILE names, or the newest of the lab and of PATH, or None."""
    if 'MAKEDUMPFILE' in os.environ:
        path = shutil.which(os.environ['MAKEDUMPFILE'])
        if not path:
            raise SystemExit('bench: $MAKEDUMPFILE names no program')
        return Makedumpfile(path)
    places = [os.path.join(LAB, 'sid', 'makedumpfile'), 'makedumpfile', '/usr/sbin/makedumpfile',
              '/usr/bin/makedumpfile']
    found = [Makedumpfile(path) for path in map(shutil.which, places)
             # vmcull goes by that name, too
             if path and os.path.basename(os.path.realpath(path)) != 'vmcull']
    return max(found, key=lambda program: program.version, default=None)
