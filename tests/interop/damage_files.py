#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""damage_files.py VMCORE --count N [--seed S]: damages files of each form a dump takes at random, N
times, and runs on them what reads and writes such files.

All of it ends in time, by itself, and says why when it fails; what is left then is a dump that
says that it is incomplete, and what was written is whole, whatever it was made of.

The same seed gives the same damage: a failure names the seed that leads to it with --count 1.
"""
import argparse
import collections
import os
import random
import resource
import struct
import subprocess
import sys
import tempfile

import ours

SECONDS = 20
SANITIZERS = {'ASAN_OPTIONS': 'exitcode=99', 'UBSAN_OPTIONS': 'exitcode=99',
              'LSAN_OPTIONS': 'exitcode=99'}
# Bytes of an output.  A header may tell of so much memory that its bitmap alone is too long to wait
# for.
LARGEST = 1 << 30
NUMBERS = (0, 1, 2, 3, 0x7f, 0xff, 0x1000, 0xfff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000,
           0xffffffff, 1 << 32, 1 << 40, 1 << 52, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 1,
           (1 << 64) - 4096)
FACE = 'makedumpfile'

# What makes each form of an undamaged dump.
FORMS = {
    'kdump-raw': ('filter', '-q', '-d', '31', '--codec=none', '{vmcore}', '{file}'),
    'kdump-zlib': ('filter', '-q', '-d', '31', '--codec=zlib', '{vmcore}', '{file}'),
    'kdump-plain': ('filter', '-q', '-d', '31', '--no-checksums', '{vmcore}', '{file}'),
    'elf': ('filter', '-q', '-d', '31', '-E', '{vmcore}', '{file}'),
    'flat': ('filter', '-q', '-d', '31', '-F', '--codec=zlib', '{vmcore}', '>file'),
    'part': (FACE, '-c', '-d', '31', '--split', '{vmcore}', '{file}', '{other}'),
}
NO_CHECKSUMS = ('kdump-plain', 'part')
# What is run on a damaged one: its name, and the command lines one after the other.
RUNS = {
    'elf': (('filter', '-q', '-E', '-d', '31', '{file}', 'out'), ('verify', 'out')),
    'kdump': (('filter', '-q', '-d', '0', '{file}', 'out'), ('verify', 'out')),
    'stream': (('filter', '-q', '-F', '-d', '31', '{file}', '>stream'),
               (FACE, '-R', 'out', '<stream'), ('verify', 'out')),
    'split': ((FACE, '-l', '-d', '31', '--split', '{file}', 'out1', 'out2'),
              (FACE, '--reassemble', 'out1', 'out2', 'out'), ('verify', 'out')),
    'to-elf': (('convert', '-q', '--to=elf', '{file}', 'out'), ('verify', 'out')),
    'to-kdump': (('convert', '-q', '{file}', 'out'), ('verify', 'out')),
    'verify': (('verify', '{file}'),),
    'dmesg': (('dmesg', '{file}'), (FACE, '--dump-dmesg', '{file}', 'log')),
    'mem-usage': ((FACE, '--mem-usage', '{file}'),),
    'info': (('info', '--facts', '{file}'),),
}
OF_FORM = {
    'flat': {'rearrange': ((FACE, '-R', 'out', '<{file}'),)},
    'part': {'reassemble': ((FACE, '--reassemble', '{other}', '{file}', 'out'), ('verify', 'out')),
             'set': (('convert', '-q', '{file}', '{other}', 'out'), ('verify', 'out'))},
}


class Failure(Exception):
    pass


def limit_size():
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, LARGEST))


def places(content, rng):
    """Where numbers are that a reader goes by: the headers, and now and then anywhere."""
    head = min(len(content), rng.choice((512, 8192, 65536, 262144)))
    return rng.randrange(head if rng.random() < 0.7 else len(content))


def damaged(content, rng):
    """Another file made of that one."""
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        at = places(content, rng)
        kind = rng.randrange(6)
        if kind == 0:
            changed[at:at + 1] = bytes((rng.randrange(256),))
        elif kind == 1:
            at &= -4
            value = struct.pack(rng.choice('<>') + 'Q', rng.choice(NUMBERS))
            changed[at:at + 4] = value[:4] if rng.random() < 0.5 else value[4:]
        elif kind == 2:
            at &= -8
            changed[at:at + 8] = struct.pack(rng.choice('<>') + 'Q', rng.choice(NUMBERS))
        elif kind == 3:
            size = rng.choice((8, 24, 64, 4096))
            changed[at:at + size] = bytes(len(changed[at:at + size]))
        elif kind == 4:
            size = rng.choice((8, 24, 64, 4096))
            other = places(content, rng)
            changed[at:at + size] = content[other:other + len(changed[at:at + size])]
        elif rng.random() < 0.3:
            del changed[rng.randrange(len(changed)):]
            break
    return bytes(changed)


class Test:
    def __init__(self, vmcore, folder):
        self.vmcore, self.folder = os.path.abspath(vmcore), folder
        self.failures = 0
        self.ends = collections.Counter()
        self.files = {}
        for form, command in FORMS.items():
            self.clean()
            done = self.start(command)
            if done.returncode:
                sys.exit('%s: %s' % (form, done.stderr.decode()))
            with open(self.path('file'), 'rb') as file:
                self.files[form] = file.read()
            if form == 'part':
                os.rename(self.path('other'), self.path('.other'))

    def path(self, name):
        return os.path.join(self.folder, name)

    def clean(self):
        for name in os.listdir(self.folder):
            if not name.startswith('.'):
                os.unlink(self.path(name))

    def start(self, command):
        words = [word.format(vmcore=self.vmcore, file='file',
                             other='.other' if os.path.exists(self.path('.other')) else 'other')
                 for word in command]
        streams = {'stdin': os.devnull, 'stdout': '.stdout'}
        if words[-1][0] in '<>':
            word = words.pop()
            streams['stdin' if word[0] == '<' else 'stdout'] = word[1:]
        with open(self.path(streams['stdin']), 'rb') as stdin, \
                open(self.path(streams['stdout']), 'wb') as stdout:
            try:
                return subprocess.run([ours.vmcull(), *words], stdin=stdin, stdout=stdout,
                                      stderr=subprocess.PIPE, timeout=SECONDS, cwd=self.folder,
                                      env=dict(SANITIZERS, **os.environ),
                                      preexec_fn=limit_size)
            except subprocess.TimeoutExpired:
                raise Failure('%s: not done in %d s' % (' '.join(words), SECONDS)) from None

    def said(self):
        with open(self.path('.stdout'), errors='replace') as file:
            return file.read(2000)

    def run(self, form, command):
        """Returns whether the next one has something to work on."""
        name = ' '.join(command)
        done = self.start(command)
        said = done.stderr.decode(errors='replace')
        allowed = {FACE: (0, 1), 'verify': (0, 1, 3, 4)}.get(command[0], (0, 1, 3))
        if done.returncode not in allowed or 'Sanitizer' in said or 'runtime error' in said:
            raise Failure('%s: ended by %d: %s' % (name, done.returncode, said[-3000:]))
        if done.returncode == 1 and not said:
            raise Failure(name + ': failed without a word')
        # A page that is not decoded on its way is as damaged as it was, and so is VMCOREINFO, which
        # checksums would have told.
        if command == ('verify', 'out') and done.returncode in (1, 4) and not (
                form in NO_CHECKSUMS and ('PAGESIZE' in self.said() or
                                          self.start(('verify', '{file}')).returncode == 4)):
            raise Failure('what was written is not whole: %s%s' % (self.said(), said))
        self.ends[command[0], done.returncode] += 1
        self.check_left(name, done.returncode, said)
        return done.returncode in (0, 3) and 'out.incomplete' not in os.listdir(self.folder)

    def check_left(self, name, status, said):
        if status == 1 and os.path.exists(self.path('out')) and \
                not os.path.exists(self.path('out1')) and 'left out' not in said and \
                'ncomplete' not in said:
            raise Failure('%s: failed, and left a file: %s' % (name, said))

    def once(self, seed):
        rng = random.Random(seed)
        form = rng.choice(list(FORMS))
        runs = dict(RUNS, **OF_FORM.get(form, {}))
        content = damaged(self.files[form], rng)
        for run in rng.sample(list(runs), 3):
            self.clean()
            with open(self.path('file'), 'wb') as file:
                file.write(content)
            try:
                for command in runs[run]:
                    if not self.run(form, command):
                        break
            except Failure as failure:
                self.failures += 1
                print('FAILED: seed %d (%s, %s): %s' % (seed, form, run, failure), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore')
    parser.add_argument('--count', type=int, required=True)
    parser.add_argument('--seed', type=int, default=1, help='of the first (default: %(default)s)')
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='vmcull-damage-', dir='.') as folder:
        test = Test(args.vmcore, folder)
        for seed in range(args.seed, args.seed + args.count):
            test.once(seed)
    for (command, status), count in sorted(test.ends.items()):
        print('%-12s ended with %d %d times' % (command, status, count))
    print('%d files damaged: %d failures' % (args.count, test.failures))
    # Damage that nobody sees is none.
    return 1 if test.failures or not test.ends['verify', 4] or not test.ends['filter', 1] else 0


if __name__ == '__main__':
    sys.exit(main())
