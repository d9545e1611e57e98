# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs in the capture kernels of large guests, by capture_guest.

    capture_guest KIND MEMORY --memory

prints a line for each command that it ran there: its name, seconds of user and system time, seconds
of wall time, bytes written, pages kept, seconds of wall time until all pages were classified, and
in KiB the free memory at the start, the least of it, and the largest resident size.
"""
import os
import subprocess

from dumps import SOURCE

GUEST = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'capture_guest')
GUESTS = [('free', '64G'), ('free', '256G'), ('fragmented', '64G'), ('huge', '64G')]
COLUMNS = [('cpu_user', float), ('cpu_sys', float), ('wall', float), ('bytes', int), ('pages', int),
           ('classification', float), ('free_kib', int), ('least_free_kib', int),
           ('resident_kib', int)]
THEIRS = 'makedumpfile-lzo'
# Against makedumpfile: the row, the run, and by column the bound.
RATIOS = {
    ('free', '256G'): [('lzo', {'classification': 0.10, 'cpu': 0.60}),
                       ('lzo-compact', {'wall': 0.12, 'bytes': 0.08})],
    ('fragmented', '64G'): [('lzo', {'classification': 0.50})],
}


def parse(line):
    name, *words = line.split()
    row = {'name': name, **{key: read(word) for (key, read), word in zip(COLUMNS, words)}}
    row['cpu'] = row['cpu_user'] + row['cpu_sys']
    return row


def ratios(kind, memory, rows):
    """Of the runs that have a bound, and of the others without one."""
    by_name = {row['name']: row for row in rows}
    theirs = by_name.get(THEIRS)
    if not theirs:
        return
    bounds = dict(RATIOS.get((kind, memory), []))
    for name, row in by_name.items():
        if row is theirs:
            continue
        told = {what: row[what] / theirs[what]
                for what in ('classification', 'cpu', 'wall', 'bytes')
                if theirs.get(what) and what in row}
        own = bounds.get(name, {})
        yield {'row': '%s / %s' % (name, THEIRS), **told, 'bounds': own,
               'missed': [what for what, bound in own.items()
                          if round(told.get(what, 0), 3) > bound]}


def build():
    """The static program, which is what runs there."""
    for command in (['cmake', '--preset', 'capture'],
                    ['cmake', '--build', 'build/capture', '--target', 'vmcull']):
        subprocess.run(command, cwd=SOURCE, stdout=subprocess.DEVNULL, check=True)


def measure_guest(kind, memory):
    told = {'kind': kind, 'memory': memory}
    if not os.access(GUEST, os.X_OK):
        return {**told, 'skipped': 'there is no ' + GUEST}
    done = subprocess.run([GUEST, kind, memory, '--memory'], stdout=subprocess.PIPE, text=True)
    if done.returncode == 77:
        return {**told, 'skipped': 'such a guest cannot be made here'}
    done.check_returncode()
    rows = [parse(line) for line in done.stdout.splitlines() if line.strip()]
    return {**told, 'rows': rows, 'ratios': list(ratios(kind, memory, rows))}


def measure_guests():
    if os.access(GUEST, os.X_OK):
        build()
    return [measure_guest(kind, memory) for kind, memory in GUESTS]
