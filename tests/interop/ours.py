# SPDX-License-Identifier: GPL-2.0-or-later
"""What vmcull says: the state of every page of a dump, and filtered dumps."""
import collections
import csv
import io
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(SOURCE, 'testdata', 'lab'))

LEVELS = (0, 1, 2, 4, 8, 16, 31)
FORBIDDEN = ('offline', 'hwpoison', 'unaccepted')   # never read, never kept
DROPPED = {                                         # what each bit of a dump level leaves out
    2: ('cache',),
    4: ('cache', 'cache-private'),
    8: ('anon', 'hugetlb'),
    16: ('free', 'unaccepted'),
}


def vmcull():
    """The program to test: $VMCULL, or the one in the folder build."""
    path = os.path.abspath(os.environ.get('VMCULL') or
                           os.path.join(SOURCE, 'build', 'src', 'cli', 'vmcull'))
    if not os.path.exists(path):
        raise SystemExit('%s is not there; set VMCULL to BUILD/src/cli/vmcull' % path)
    return path


def build():
    return os.path.normpath(os.path.join(vmcull(), '../../..'))


def helper(name):
    """A program of this folder, or None where it is not built."""
    path = os.path.join(build(), 'tests', 'interop', name)
    return path if os.path.exists(path) else None


class Pages:
    """The state of every page that is memory in a dump."""

    def __init__(self, dump):
        pages = helper('vmcull_pages')
        if not pages:
            raise SystemExit('vmcull_pages is not built')
        text = subprocess.run([pages, dump], stdout=subprocess.PIPE, check=True, text=True).stdout
        self.runs = []      # (pfn, count, state, order, has data, rule)
        for line in text.splitlines():
            pfn, number, state, order, memory, rule = line.split()
            self.runs.append((int(pfn, 16), int(number), state, int(order), memory == 'data', rule))
        self.end = self.runs[-1][0] + self.runs[-1][1] if self.runs else 0

    def by_pfn(self):
        """[run or None], by pfn"""
        table = [None] * self.end
        for run in self.runs:
            table[run[0]:run[0] + run[1]] = [run] * run[1]
        return table

    def ranges(self, *states):
        return [(run[0], run[1]) for run in self.runs if run[2] in states and run[4]]

    def count(self, *states):
        return sum(number for _, number in self.ranges(*states))

    def all_ranges(self):
        return [(run[0], run[1]) for run in self.runs if run[4]]


# A line of `vmcull audit --ranges`.
Range = collections.namedtuple('Range', 'pfn count state order node zone attributes content')


def audit(dump, *options):
    """What `vmcull audit` prints.  A warning does no harm, an error ends the test."""
    done = subprocess.run([vmcull(), 'audit', *options, dump], stdout=subprocess.PIPE, check=True,
                          text=True)
    return done.stdout


def info_json(dump):
    done = subprocess.run([vmcull(), 'info', '--json', dump], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def audit_json(dump, *options):
    return json.loads(audit(dump, '--json', *options))


def audit_csv(dump, *options):
    """[{column: text}]"""
    return list(csv.DictReader(io.StringIO(audit(dump, '--csv', *options))))


class AuditedPages(Pages):
    """The same by `vmcull audit --ranges`, which tells of more: node, zone, attributes."""

    def __init__(self, dump, *options):
        self.lines = []
        for line in audit(dump, '--ranges', *options).splitlines():
            row = json.loads(line)
            self.lines.append(Range(row['pfn'], row['count'], row['state'], row['order'],
                                    row['node'], row['zone'], tuple(row.get('attributes', ())),
                                    row.get('content')))
        self.runs = [(line.pfn, line.count, line.state, line.order, line.content is not False, '')
                     for line in self.lines if line.state != 'absent']
        self.end = self.lines[-1].pfn + self.lines[-1].count if self.lines else 0


def dropped_states(level):
    """The states that a dump level leaves out."""
    states = set(FORBIDDEN)
    for bit, names in DROPPED.items():
        if level & bit:
            states.update(names)
    return states


def filter_dump(dump, out, *options):
    subprocess.run([vmcull(), 'filter', '--quiet', '--force', *options, dump, out], check=True)
