# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs in the capture kernels of large guests, by capture_guest.

    capture_guest KIND MEMORY

prints a line for each command that it ran there: its name, seconds of user and system time, seconds
of wall time, bytes written, pages kept.
"""
import os
import subprocess

GUEST = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'capture_guest')
GUESTS = [('free', '64G'), ('free', '256G'), ('fragmented', '64G'), ('huge', '64G')]


def parse(line):
    name, user, system, wall, size, pages = line.split()
    return {'name': name, 'cpu_user': float(user), 'cpu_sys': float(system), 'wall': float(wall),
            'bytes': int(size), 'pages': int(pages)}


def measure_guest(kind, memory):
    told = {'kind': kind, 'memory': memory}
    if not os.access(GUEST, os.X_OK):
        return {**told, 'skipped': 'there is no ' + GUEST}
    done = subprocess.run([GUEST, kind, memory], stdout=subprocess.PIPE, text=True)
    if done.returncode == 77:
        return {**told, 'skipped': 'it cannot be made here'}
    done.check_returncode()
    return {**told, 'rows': [parse(line) for line in done.stdout.splitlines() if line.strip()]}


def measure_guests():
    return [measure_guest(kind, memory) for kind, memory in GUESTS]
