# SPDX-License-Identifier: GPL-2.0-or-later
"""What is filtered how: policies, codecs and numbers of threads, of which each combination is a cell."""
import hashlib
import os
import random
import re
import subprocess
import time

import kdump
import ours

# name: (options, states left out)
POLICIES = {'d%d' % level: (['-d', str(level)], ours.dropped_states(level))
            for level in ours.LEVELS}
POLICIES.update({
    'd31-cache': (['-d', '31', '--keep=cache,cache-private'],
                  ours.dropped_states(31) - {'cache', 'cache-private'}),
    'd0+user': (['-d', '0', '--exclude=free,anon,hugetlb'],
                ours.dropped_states(0) | {'free', 'anon', 'hugetlb'}),
    'd31+pcp': (['-d', '31', '--exclude=free-pcp'], ours.dropped_states(31) | {'free-pcp'}),
})
CODECS = ('none', 'auto', 'lzo', 'snappy', 'zlib', 'libdeflate', 'isal', 'zstd')
THREADS = (1, 2, 8)
# In the capture kernel: what a static program has, and what goes through in a minute.
IN_CAPTURE = (('d31', 'lzo', 1), ('d31', 'zstd', 8), ('d31-cache', 'zlib', 2), ('d0+user', 'lzo', 1))

HANG = 600          # seconds; no cell takes a tenth
SAMPLE = 5000       # pages, of all but one output of each policy, that libkdumpfile reads


def name_of(policy, codec, threads):
    return '%s,%s,%d' % (policy, codec, threads)


def options_of(policy, codec, threads):
    return [*POLICIES[policy][0], '--codec=' + codec, '--threads=%d' % threads]


def codecs_of(program):
    """Those that are built in."""
    told = subprocess.run([program, '--version'], stdout=subprocess.PIPE, check=True, text=True).stdout
    return [codec for codec in CODECS if codec in ('none', 'auto') or
            re.search(r'(?m)^.*\b%s\b' % codec, told)]


def choose(program, number, seed):
    """So many pairs of policy and codec, or all: each policy and each codec as often as others."""
    policies, codecs = list(POLICIES), codecs_of(program)
    chance = random.Random(seed)
    chance.shuffle(policies)
    chance.shuffle(codecs)
    most = len(policies) * len(codecs)
    for i in range(min(number or most, most)):
        turn, place = divmod(i, len(policies))
        yield policies[place], codecs[(place + turn) % len(codecs)]


def digest_of(path):
    digest = hashlib.blake2b()
    with open(path, 'rb') as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


class Cells:
    """Filters one dump in many ways, and judges each different output once."""

    def __init__(self, vmcore, folder, pages, judge):
        self.vmcore, self.pages, self.judge = vmcore, pages, judge
        self.out = os.path.join(folder, 'out')
        self.wanted = {}            # policy: set of pages to keep
        self.compared = set()       # policies of which all pages were read by libkdumpfile
        self.passed, self.errors = [], []
        self.pages_compared = self.outputs = self.excluded = self.wrong = 0

    def wanted_pages(self, policy):
        if policy not in self.wanted:
            gone = POLICIES[policy][1]
            wanted = kdump.from_ranges(self.pages.ranges(
                *{run[2] for run in self.pages.runs if run[2] not in gone}))
            if 'free-pcp' in gone:      # a walk without lists has them as the kernel's
                audited = ours.AuditedPages(self.vmcore)
                wanted &= ~kdump.from_ranges(audited.ranges('free-pcp'))
            self.wanted[policy] = wanted
        return self.wanted[policy]

    def error(self, cell, text):
        self.errors.append('%s: %s' % (cell, text))

    def run(self, policy, codec):
        """The cells of all numbers of threads."""
        digests = {}
        for threads in THREADS:
            cell = name_of(policy, codec, threads)
            before, started = len(self.errors), time.monotonic()
            try:
                subprocess.run([ours.vmcull(), 'filter', '-q', '-f', *options_of(policy, codec, threads),
                                self.vmcore, self.out], check=True, timeout=HANG,
                               stderr=subprocess.PIPE, text=True)
            except subprocess.TimeoutExpired:
                self.error(cell, 'no end after %.0f s' % (time.monotonic() - started))
                continue
            except subprocess.CalledProcessError as error:
                self.error(cell, 'status %d: %s' % (error.returncode, error.stderr.strip()[-200:]))
                continue
            digest = digest_of(self.out)
            if digest not in digests:
                if digests:
                    self.error(cell, 'other bytes than with another number of threads')
                digests[digest] = cell
                self.outputs += 1
                self.judge_output(cell, policy, self.out)
            if len(self.errors) == before:
                self.passed.append(cell)
            os.unlink(self.out)

    def judge_output(self, cell, policy, path):
        dump = kdump.Kdump(path)
        wanted = self.wanted_pages(policy)
        if dump.kept != wanted:
            self.error(cell, '%d pages too many, %d too few, the first 0x%x' % (
                kdump.count(dump.kept & ~wanted), kdump.count(wanted & ~dump.kept),
                next(kdump.pfns(dump.kept ^ wanted))))
        if dump.incomplete:
            self.error(cell, 'the header says that it is incomplete')
        self.tool(cell, [ours.vmcull(), 'verify', '--quiet', '--against=' + self.vmcore, path])
        self.libkdumpfile(cell, policy, path)
        if self.judge:
            excluded = dump.memory & ~dump.kept
            wrong = self.judge.wrong(excluded, POLICIES[policy][1])
            self.excluded += kdump.count(excluded)
            self.wrong += kdump.count(wrong)
            for pfn in list(kdump.pfns(wrong))[:4]:
                self.error(cell, 'wrongly left out: ' + self.judge.describe(pfn))

    def libkdumpfile(self, cell, policy, path):
        program = ours.helper('kdump_compare')
        if not program:
            self.error(cell, 'kdump_compare is not built: libkdumpfile-dev is missing')
            return
        sample = ['-n', str(SAMPLE)] if policy in self.compared else []
        self.compared.add(policy)
        told = self.tool(cell, [program, *sample, self.vmcore, path])
        equal = re.search(r'(\d+) kept pages equal', told)
        self.pages_compared += int(equal[1]) if equal else 0

    def tool(self, cell, command):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=HANG)
        if done.returncode:
            self.error(cell, '%s: status %d: %s' % (os.path.basename(command[0]), done.returncode,
                                                    done.stdout.strip()[-300:]))
        return done.stdout
