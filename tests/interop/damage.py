#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""damage.py VMCORE --count N [--seed S]: damages a copy of a dump at random, N times, and runs the
program on it.

An audit, in every form, ends in time, with status 0 or with 1 and a message; what it prints is
whole.  A filter keeps what it cannot trust: every page of the kernel (its own memory, slabs, page
tables) whose struct page was not touched, nor that of the head of its block.

The same seed gives the same damage: a failure names the seed that leads to it with --count 1.
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile

import kdump
import ours
from labkit.vmcoreview import Vmcore
from mutations import Mutations

SECONDS = 10
FORMS = (('--json',), ('--ranges', '--attributes'), (), ('--csv',), ('--fast', '--json'),
         ('--ranges', '--csv'), ('--no-btf', '--json'), ('--zero', '--check=error'))
KEPT = ('kernel', 'slab', 'page-table', 'unknown')
# What a program that a sanitizer stops ends with, as tests/CMakeLists.txt has it.
SANITIZERS = {'ASAN_OPTIONS': 'exitcode=99', 'UBSAN_OPTIONS': 'exitcode=99'}


class Test:
    def __init__(self, path, folder):
        self.path = os.path.join(folder, 'damaged')
        self.out = os.path.join(folder, 'out')
        subprocess.run(['cp', '--sparse=always', path, self.path], check=True)
        audited = ours.AuditedPages(path, '--no-btf')
        self.runs = [run for run in audited.runs if run[2] in KEPT]
        self.end = audited.end
        self.vmcore = Vmcore(self.path, writable=True)
        self.mutations = Mutations(self.vmcore, audited.end)
        self.kernel = kdump.from_ranges(run[:2] for run in self.runs)
        self.failures = 0
        self.ends = collections.Counter()
        self.findings = collections.Counter()

    def fail(self, seed, kind, text):
        self.failures += 1
        print('FAILED: seed %d (%s): %s' % (seed, kind, text))

    def run(self, seed, kind, *arguments):
        """Runs the program; returns what it printed, or None when it failed as it may."""
        environment = dict(SANITIZERS, **os.environ)
        try:
            done = subprocess.run([ours.vmcull(), *arguments], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  timeout=SECONDS, env=environment)
        except subprocess.TimeoutExpired:
            self.fail(seed, kind, 'vmcull %s: not done in %d s' % (' '.join(arguments), SECONDS))
            return None
        allowed = (0, 1, 4) if '--check=error' in arguments else (0, 1, 3)
        name = 'vmcull ' + ' '.join(arguments)
        if done.returncode not in allowed or b'Sanitizer' in done.stderr or \
                b'runtime error' in done.stderr:
            self.fail(seed, kind, '%s: ended by %d: %s' % (
                name, done.returncode, done.stderr.decode(errors='replace')[-2000:]))
        if done.returncode == 1 and not done.stderr.startswith(b'vmcull: '):
            self.fail(seed, kind, name + ': failed without a word')
        self.ends[arguments[0], done.returncode] += 1
        return done.stdout.decode() if done.returncode != 1 else None

    def audit(self, seed, kind, form):
        text = self.run(seed, kind, 'audit', *form, self.path)
        if text is None:
            return
        try:
            if '--json' in form:
                self.check_report(seed, kind, json.loads(text))
            elif form[0:1] == ('--ranges',):
                self.check_ranges(seed, kind, text, '--csv' in form)
        except (ValueError, KeyError, IndexError) as error:
            self.fail(seed, kind, 'audit %s: %r' % (' '.join(form), error))

    def check_report(self, seed, kind, report):
        pages = sum(row['pages'] for row in report['states'])
        if pages != report['dump']['end_pfn']:
            self.fail(seed, kind, '%d pages of %d' % (pages, report['dump']['end_pfn']))
        for finding in report['findings']:
            if finding['severity'] != 'note':
                self.findings[finding['name']] += 1

    def check_ranges(self, seed, kind, text, csv):
        lines = text.splitlines()
        rows = [line.split(',')[:2] for line in lines[1:]] if csv else \
            [(row['pfn'], row['count']) for row in map(json.loads, lines)]
        end = 0
        for pfn, count in rows:
            if int(pfn) != end:
                self.fail(seed, kind, 'ranges: after %x comes %s' % (end, pfn))
            end = int(pfn) + int(count)
        if end != self.end:
            self.fail(seed, kind, 'ranges end at %x' % end)

    def trusted(self):
        """Kernel pages that nothing was done to: their struct page, and that of their head."""
        touched = self.mutations.touched
        if not touched:
            return self.kernel
        untouched = []
        for pfn, count, state, order, _, _ in self.runs:
            for first in range(pfn, pfn + count, 1 << order if pfn % (1 << order) == 0 else 1):
                number = min(1 << order, pfn + count - first)
                head = first & -(1 << order)
                if not touched & {head, head + 1}:
                    untouched.append((first, number))
        pages = kdump.from_ranges(untouched)
        return pages & ~kdump.from_ranges((pfn, 1) for pfn in touched)

    def filter(self, seed, kind, keeps):
        told = self.run(seed, kind, 'filter', '-f', '-l', '-d', '31', self.path, self.out)
        if told is None or not keeps:
            return
        lost = self.trusted() & ~kdump.Kdump(self.out).kept
        if lost:
            self.fail(seed, kind, '%d pages of the kernel are lost, such as %x' % (
                kdump.count(lost), next(kdump.pfns(lost))))

    def once(self, seed):
        kind, _, keeps = self.mutations.apply(seed)
        self.audit(seed, kind, ('--json',))
        self.audit(seed, kind, FORMS[seed % len(FORMS)])
        self.filter(seed, kind, keeps)
        self.mutations.undo()


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
    for name, count in sorted(test.findings.items()):
        print('finding %-24s in %d reports' % (name, count))
    for (command, status), count in sorted(test.ends.items()):
        print('%-6s ended with %d %d times' % (command, status, count))
    print('%d dumps damaged: %d failures' % (args.count, test.failures))
    # Damage that nobody sees is none.
    return 1 if test.failures or (args.count >= 50 and len(test.findings) < 8) else 0


if __name__ == '__main__':
    sys.exit(main())
