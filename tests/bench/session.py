# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures one dump, part by part."""
import collections
import os
import sys
import tempfile
import time

import measure
from dumps import SOURCE, Written
from ratios import Spread, paired
from rows import MEMORY_BASE, MEMORY_RUNS, MEMORY_THREAD


class Session:
    def __init__(self, ours, theirs, floor, rounds):
        self.ours, self.theirs, self.floor, self.rounds = ours, theirs, floor, rounds
        self.costs = self.written = self.failures = None

    def measure_dump(self, dump, parts, scratch, with_memory):
        """What came of it, as it is told in JSON."""
        self.costs = collections.defaultdict(list)  # by run: one of each round, in order
        self.written, self.failures = {}, {}
        self.from_disk = 0
        rows, load = [], os.getloadavg()[0]
        with tempfile.TemporaryDirectory(prefix='vmcull-bench-', dir=scratch) as folder:
            self.folder, self.vmcore = folder, dump.path
            measure.run(self.ours.filter(dump.path, folder + '/kept', 'lzo'))
            self.kept = Written(folder + '/kept')
            for part in parts:
                print('%s: %s' % (dump.name, part.name), file=sys.stderr)
                self.costs.clear()
                self.measure_part(part)
                rows += [self.row(row) for row in part.rows]
            memory = self.measure_memory(dump) if with_memory else []
        return {
            'dump': dump.name, 'bytes': os.stat(dump.path).st_size, 'pages_kept': self.kept.pages,
            'load': load, 'cpus': len(os.sched_getaffinity(0)),
            'rows': rows, 'runs': list(self.written.values()), 'memory': memory,
            'runs_that_read_a_disk': self.from_disk,
        }

    def reason_not_to(self, run):
        if run.who == 'ours':
            if run.codec.split(':')[0] not in self.ours.codecs:
                return 'vmcull was built without it'
            if run.threads > 1 and not self.ours.has_threads:
                return 'vmcull filter has no --threads'
            for option in run.options:
                if option not in self.ours.help:
                    return 'vmcull filter has no ' + option
        if run.who == 'theirs':
            if not self.theirs:
                return 'there is no makedumpfile'
            if run.codec not in self.theirs.codecs:
                return 'makedumpfile was built without it'
        if run.who == 'codec' and not os.path.exists(self.floor):
            return 'codec_floor was not built'
        return None

    def command(self, run, out):
        if run.who == 'codec':
            return [self.floor, self.vmcore, self.folder + '/kept', run.codec, out]
        program = self.ours if run.who == 'ours' else self.theirs
        return program.filter(self.vmcore, out, run.codec, run.threads, run.options)

    def measure_part(self, part):
        for run in part.runs:
            reason = self.reason_not_to(run)
            if reason:
                self.failures[run.key()] = reason
        # The first round fills the page cache and does not count.
        for number in range(self.rounds + 1):
            for run in part.runs:
                if run.key() in self.failures or number > (run.rounds or number):
                    continue
                try:
                    self.measure_run(run, counts=number > 0)
                except measure.Failed as failure:
                    self.failures[run.key()] = str(failure)
        for run in part.runs:
            self.add_summary(run)

    def measure_run(self, run, counts):
        out = self.folder + '/out'
        if run.who == 'codec':
            costs = self.measure_codec(self.command(run, out))
        else:
            costs = {None: measure.run(self.command(run, out))}
            if counts and costs[None].disk_blocks:
                self.from_disk += 1
            if os.path.exists(out):
                if not counts:
                    self.written[run.key()] = Written(out)
                os.unlink(out)
        if counts:
            for of, cost in costs.items():
                self.costs[run.key(), of].append(cost)

    @staticmethod
    def measure_codec(command):
        process, log = measure.start(command)
        copy = os.dup(log)
        measure.finish(process, log)
        with os.fdopen(copy) as file:
            file.seek(0)
            return {words[0]: measure.Cost(float(words[1]), float(words[2]))
                    for words in map(str.split, file)}

    def add_summary(self, run):
        written = self.written.get(run.key())
        if isinstance(written, dict):
            return  # of an earlier part
        for of in (None, 'alone', 'floor'):
            costs = self.costs.get((run.key(), of))
            if not costs:
                continue
            summary = {'run': '%s, %s' % (run, of) if of else str(run),
                       'cpu': Spread([cost.cpu for cost in costs]).json(),
                       'wall': Spread([cost.wall for cost in costs]).json()}
            if written:
                summary.update(bytes=written.bytes, pages=written.pages)
            self.written[run.key() if of is None else (run.key(), of)] = summary

    def row(self, row):
        told = {'row': row.title, 'bounds': row.bounds}
        for run in (row.over, row.under):
            if run.key() in self.failures:
                return {**told, 'skipped': '%s: %s' % (run, self.failures[run.key()])}
        over = self.costs[row.over.key(), None]
        under = self.costs[row.under.key(), row.of]
        told['cpu'] = paired(over, under, 'cpu').json()
        told['wall'] = paired(over, under, 'wall').json()
        size = self.size_ratio(row)
        if size:
            told['size'] = size
        figures = {'cpu': told['cpu']['median'], 'wall': told['wall']['median'],
                   'size': size or 0.0}
        told['missed'] = [what for what, bound in row.bounds.items()
                          if round(figures[what], 3) > bound]
        return told

    def size_ratio(self, row):
        """Of bytes for each page that was kept: the two may differ in what they keep."""
        over, under = (self.written.get(run.key()) for run in (row.over, row.under))
        if not over or not under or not over.get('pages') or not under.get('pages'):
            return None
        return over['bytes'] / over['pages'] / (under['bytes'] / under['pages'])

    def measure_terabyte(self, kind, folder):
        """Of a machine of 1 TiB that was made up; what it holds is of no interest."""
        maker = SOURCE + '/tests/cli/made_map.py'
        if not os.path.exists(maker):
            return {'run': '1 TiB, ' + kind, 'skipped': 'there is no ' + maker}
        with tempfile.TemporaryDirectory(prefix='vmcull-bench-', dir=folder) as place:
            vmcore = place + '/vmcore'
            measure.run([sys.executable, maker, kind, '1024', vmcore])
            command = self.ours.filter(vmcore, place + '/out', 'none', options=['--dry-run'])
            started = time.monotonic()
            peak = measure.anonymous_peak(command, interval=0.005)
            return {'run': '1 TiB, ' + kind, 'peak': peak, 'bound': MEMORY_BASE + MEMORY_THREAD,
                    'seconds': time.monotonic() - started}

    def measure_memory(self, dump):
        print('%s: memory' % dump.name, file=sys.stderr)
        rows = []
        for run in MEMORY_RUNS:
            reason = self.reason_not_to(run)
            if reason:
                rows.append({'run': str(run), 'skipped': reason})
                continue
            out = self.folder + '/out'
            peak = max(measure.anonymous_peak(self.command(run, out))
                       for _ in range(min(3, self.rounds)))
            if os.path.exists(out):
                os.unlink(out)
            row = {'run': str(run), 'peak': peak}
            if run.who == 'ours':
                row['bound'] = MEMORY_BASE + run.threads * MEMORY_THREAD
            rows.append(row)
        return rows
