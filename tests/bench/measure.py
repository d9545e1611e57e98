# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a program and tells what it cost."""
import os
import subprocess
import time

CLEAN = {**os.environ, 'LC_ALL': 'C'}


class Failed(Exception):
    """A program did not do what it was asked for."""


class Cost:
    """Seconds of CPU (user and system) and of wall time, and blocks that came from a disk."""

    def __init__(self, cpu, wall, disk_blocks=0):
        self.cpu, self.wall, self.disk_blocks = cpu, wall, disk_blocks


def start(command):
    # What it says goes to a file: a pipe that nobody reads might fill and stop it.
    log = os.memfd_create('log')
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                               env=CLEAN)
    return process, log


def finish(process, log):
    """Waits; gives what the kernel counted."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    with os.fdopen(log, 'rb') as file:
        file.seek(0)
        said = file.read().decode(errors='replace')
    if process.returncode:
        lines = [line.strip() for line in said.replace('\r', '\n').splitlines() if line.strip()]
        raise Failed('%s: status %d: %s' % (os.path.basename(process.args[0]), process.returncode,
                                            lines[-1] if lines else 'it says nothing'))
    return usage


def run(command):
    started = time.monotonic()
    usage = finish(*start(command))
    return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - started, usage.ru_inblock)


def anonymous(pid):
    """Bytes of anonymous memory that a process has now; 0 when it has ended."""
    try:
        with open('/proc/%d/status' % pid) as file:
            for line in file:
                if line.startswith('RssAnon:'):
                    return int(line.split()[1]) << 10
    except OSError:
        pass
    return 0


def anonymous_peak(command, interval=0.0005):
    """The most anonymous memory that was seen in the course of a run.  The kernel counts pages of
    each CPU apart and adds them up in lots, so this is right to some 100 KiB."""
    process, log = start(command)
    peak = 0
    # Not waited for until it is seen to have ended, so that its pid stays its own.
    while not os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        peak = max(peak, anonymous(process.pid))
        time.sleep(interval)
    finish(process, log)
    return peak
