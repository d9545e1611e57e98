#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes each call of a run fail, one after the other, and judges what the run leaves behind.

Without --all it runs a part of the faults that --seed chooses, until --seconds are over.  A failure
is told with the line that repeats it:  --scenario NAME --only 'KIND ACTION FIRST LAST ERROR START END'.
"""
import argparse
import collections
import errno
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import time

import dumps
import judge
import scenarios

ENDLESS = 1 << 62

ERRORS = {
    'open': 'EMFILE', 'read': 'EIO', 'pread': 'EIO', 'write': 'EIO ENOSPC EAGAIN', 'pwrite': 'EIO ENOSPC',
    'fsync': 'EIO', 'close': 'EIO', 'mmap': 'ENOMEM', 'fstat': 'EIO', 'ftruncate': 'EFBIG',
    'fallocate': 'ENOSPC EOPNOTSUPP', 'sync_file_range': 'EIO ESPIPE', 'fadvise': 'EIO',
    'rename': 'EACCES', 'unlink': 'EACCES', 'fcntl': 'EMFILE', 'poll': 'EINTR', 'stat': 'EACCES',
    'stdio': 'EIO ENOSPC', 'alloc': 'ENOMEM', 'thread': 'EAGAIN',
}
TRANSFERS = 'read pread write pwrite stdio'.split()
WRITES = 'write pwrite stdio'.split()


class Fault(collections.namedtuple('Fault', 'kind action first last error start end')):
    """inodes and folder are of the run, bad the pages that cannot be read, or None."""
    inodes, folder, bad = {}, '', None

    def line(self, path):
        return f'{self.kind} {self.action} {self.first} {self.last} {self.error} {path} {self.start} {self.end}'

    def row(self):
        return self.action if self.kind == 'any' else f'{self.kind} {self.action}'


def faults_of_calls(calls):
    """Each call fails once, and all from it on; transfers are short, and writes find no room."""
    for kind, names in ERRORS.items():
        for name in names.split():
            number = getattr(errno, name)
            for n in range(1, calls[kind] + 1):
                yield Fault(kind, 'error', n, n, number, 0, 0)
                if name != 'EAGAIN' or kind == 'thread':    # of a pipe that poll() calls ready
                    yield Fault(kind, 'error', n, ENDLESS, number, 0, 0)
    for kind in TRANSFERS:
        for n in range(1, calls[kind] + 1):
            yield Fault(kind, 'short', n, n, 0, 0, 0)
        if calls[kind]:
            yield Fault(kind, 'short', 1, ENDLESS, 0, 0, 0)
    for kind, n in itertools.chain.from_iterable(
            ((kind, n) for n in range(1, calls[kind] + 1)) for kind in WRITES):
        yield Fault(kind, 'full', n, ENDLESS, errno.ENOSPC, 0, 0)


def faults_of_time(calls, seconds, chance):
    """Signals at each call, and at times that have nothing to do with calls."""
    yield Fault('any', 'interrupt', 1, ENDLESS, 0, 0, 0)
    for n in range(1, calls['any'] + 1):
        yield Fault('any', 'kill', n, n, 0, 0, 0)
        yield Fault('any', 'term', n, n, 0, 0, 0)
    for _ in range(50):
        for action in ('kill', 'term'):
            yield Fault('time', action, int(chance.uniform(0, seconds) * 1e6), 0, 0, 0, 0)


def faults_of_input(path, calls, chance):
    """Parts of the input that cannot be read, or are no longer there."""
    size = os.path.getsize(path)
    with open(path, 'rb') as file:
        for _ in range(60):
            # Where there is something: a sparse file has little of it.
            start = os.lseek(file.fileno(), int(chance.uniform(0, size - dumps.BLOCK)), os.SEEK_DATA)
            start -= start % dumps.BLOCK
            end = min(start + dumps.BLOCK * chance.choice((1, 1, 2, 16, 256)), size)
            yield Fault('any', 'bad', 1, ENDLESS, 0, start, end)
    for _ in range(60):
        n = chance.randint(1, calls['any'])
        yield Fault('any', 'cut', n, n, 0, int(chance.uniform(0, size)), 0)
    with open(path, 'rb') as file:
        for _ in range(60):
            # Inside a page of the file that has something: a map has zeros for the rest of it.
            n = chance.randint(1, calls['any'])
            start = os.lseek(file.fileno(), int(chance.uniform(0, size - dumps.BLOCK)), os.SEEK_DATA)
            start += chance.randrange(1, dumps.BLOCK) - start % dumps.BLOCK
            yield Fault('any', 'cut', n, n, 0, min(start, size - 1), 0)


class Runner:
    """A process that runs one scenario with fault after fault."""

    def __init__(self, args, scenario, inputs):
        self.folder = os.path.join(args.scratch, 'run-' + scenario.name)
        self.work = os.path.join(self.folder, 'work')
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.work)
        self.scenario = scenario
        self.input = inputs.get(next((word[1:-1] for word in scenario.command if word[0] == '{'), ''),
                                inputs.get(scenario.stdin))
        command = [word.format(**inputs) for word in scenario.command]
        self.streams = [os.path.join(self.folder, name) for name in ('out', 'err')]
        self.process = subprocess.Popen(
            [args.inject, self.work, inputs.get(scenario.stdin, '/dev/null'), *self.streams, 'vmcull', *command],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, fault):
        """Returns the calls that were made, how many failed, and a judge.Left."""
        for name in os.listdir(self.work):
            os.unlink(os.path.join(self.work, name))
        for path in self.streams:   # who is killed at once does not come to it
            open(path, 'w').close()
        path = self.input
        self.process.stdin.write(fault.line(path) + '\n')
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if fault.action == 'cut':
            restore(path)
        if answer['hang']:
            raise judge.Wrong('it hangs')
        files = {}
        fault.folder, fault.inodes = self.work, {}
        for name in os.listdir(self.work):
            with open(os.path.join(self.work, name), 'rb') as file:
                fault.inodes[name] = os.fstat(file.fileno()).st_ino
                files[name] = file.read()
        out, err = (open(path, 'rb').read() for path in self.streams)
        return answer['calls'], answer['injected'], judge.Left(
            answer['status'], answer['signal'], files, out, err, answer['written'], fault)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        shutil.rmtree(self.folder)


def restore(path):
    """What was cut off is put back."""
    size = os.path.getsize(path)
    with open(path + '.copy', 'rb') as copy, open(path, 'r+b', buffering=0) as file:
        end = os.fstat(copy.fileno()).st_size
        while size < end:
            try:
                size = os.lseek(copy.fileno(), size, os.SEEK_DATA)
            except OSError:
                break
            hole = os.lseek(copy.fileno(), size, os.SEEK_HOLE)
            os.pwrite(file.fileno(), os.pread(copy.fileno(), hole - size, size), size)
            size = hole
        file.truncate(end)


parsed = {}


def bad_pages(path, fault):
    """Those of the input whose bytes or descriptors lie in the range."""
    with open(path, 'rb') as file:
        if path not in parsed:
            parsed[path] = dumps.parse(file.read())
    dump = parsed[path]
    return {*dump.told_by(fault.start, fault.end),
            *(pfn for pfn, page in dump.pages.items() if page.start < fault.end and page.end > fault.start)}


class Table:
    def __init__(self):
        self.rows = collections.defaultdict(collections.Counter)
        self.wrong = 0

    def add(self, row, outcome):
        self.rows[row][outcome] += 1

    def print(self, title):
        print(f'{title:24}{"faults":>8}' + ''.join(f'{name:>12}' for name in judge.OUTCOMES) + f'{"WRONG":>8}')
        for row, counts in sorted(self.rows.items()):
            print(f'  {row:22}{sum(counts.values()):8}' +
                  ''.join(f'{counts[name] or "-":>12}' for name in judge.OUTCOMES) + f'{counts["WRONG"] or "-":>8}')
        sys.stdout.flush()


def sweep(args, scenario, inputs, table):
    runner = Runner(args, scenario, inputs)
    started = time.monotonic()
    calls, _, clean = runner.run(Fault('any', 'error', ENDLESS, ENDLESS, 0, 0, 0))
    seconds = time.monotonic() - started
    if clean.err and b'anitizer' in clean.err or set(clean.files) != set(scenario.outputs):
        sys.exit(f'{scenario.name}: the run without a fault: {clean.status}, {sorted(clean.files)}\n{clean.err.decode()}')
    verdict = judge.Judge(scenario, clean, args.program, args.compare, inputs['elf'])
    chance = random.Random(f'{args.seed} {scenario.name}')
    faults = [*faults_of_calls(calls), *faults_of_time(calls, seconds, chance)]
    if runner.input:
        faults += [fault for fault in faults_of_input(runner.input, calls, chance)
                   if fault.action == 'cut' or not scenario.stdin]
    if args.only:
        words = args.only.split()
        faults = [Fault(words[0], words[1], *map(int, words[2:]))]
    elif not args.all:
        chance.shuffle(faults)
    for fault in faults if args.all or args.only else faults[:args.count]:
        if not args.all and not args.only and time.monotonic() - started > args.seconds:
            break
        if fault.action == 'bad':
            fault.bad = bad_pages(runner.input, fault)
        try:
            _, injected, left = runner.run(fault)
            if not injected and fault.kind != 'time':
                continue    # threads do not make the same calls each time
            outcome = verdict(left)
        except (judge.Wrong, dumps.Malformed) as wrong:
            outcome = 'WRONG'
            tell(runner, scenario, fault, wrong)
        table.add(fault.row(), outcome)
    runner.close()


def tell(runner, scenario, fault, wrong):
    print(f'WRONG: --scenario {scenario.name} --only "{" ".join(map(str, fault))}": {wrong}')
    with open(runner.streams[1], 'rb') as file:
        for line in file.read(6000).decode('utf-8', 'replace').splitlines()[:40]:
            print('    ' + line)
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--inject', required=True, help='the program that runs vmcull with faults')
    parser.add_argument('--program', required=True, help='vmcull')
    parser.add_argument('--compare', help='kdump_compare')
    parser.add_argument('packed', nargs='?')
    parser.add_argument('dump', help='an ELF core that gets more content')
    parser.add_argument('--scratch', required=True, help='a folder')
    parser.add_argument('--group', help='the scenarios of that group')
    parser.add_argument('--scenario', action='append', help='these scenarios')
    parser.add_argument('--only', help='this fault')
    parser.add_argument('--seed', default=os.environ.get('VMCULL_FAULTS_SEED', '1'))
    parser.add_argument('--count', type=int, default=40, help='of faults for each scenario')
    parser.add_argument('--seconds', type=float, default=60, help='for each scenario, at most')
    parser.add_argument('--all', action='store_true', default=bool(os.environ.get('VMCULL_FAULTS_ALL')))
    args = parser.parse_args()

    import prepare
    chosen = [scenario for scenario in scenarios.SCENARIOS
              if (not args.group or scenario.group == args.group) and
              (not args.scenario or scenario.name in args.scenario)]
    inputs = prepare.inputs(args)
    total = Table()
    for scenario in chosen:
        table = Table()
        started = time.monotonic()
        sweep(args, scenario, inputs, table)
        table.print(f'{scenario.name}, {time.monotonic() - started:.0f} s')
        for row, counts in table.rows.items():
            total.rows[row].update(counts)
    if len(chosen) > 1:
        total.print('all of them')
    wrong = sum(counts['WRONG'] for counts in total.rows.values())
    print(f'{sum(sum(counts.values()) for counts in total.rows.values())} faults, {wrong} WRONG; seed {args.seed}')
    sys.exit(1 if wrong or not total.rows else 0)


if __name__ == '__main__':
    main()
