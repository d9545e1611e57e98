#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Shows what vmcull filter costs beside makedumpfile and beside the codecs alone.

Programs run in turns (ours, theirs, ours, theirs, ...) on the same dumps, which lie in the page
cache, and write to memory.  Every figure is a ratio of seconds of CPU (user and system, of the
whole process) or of wall time of two runs made one after the other: the median, and the quartiles
after it; size is that of bytes for each page kept.  Beside it stands the bound that it should
keep.  Nothing is judged: the exit status is 0 when everything ran.

The makedumpfile is $MAKEDUMPFILE, or the newest of the lab's and that in PATH.  The dumps are those
of the lab (testdata/lab), or the small one that comes with the sources.
"""
import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time

import capture
import dumps
import measure
import programs
import rows
import table
from session import Session


def parse_arguments():
    parser = argparse.ArgumentParser(prog='bench', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--runs', type=int, default=7, metavar='N',
                        help='so many of each, and one that does not count (7)')
    parser.add_argument('--dump', action='append', metavar='DUMP',
                        help='a file, or the name of a dump of the lab; may be repeated (%s)'
                        % ', '.join(dumps.RECIPES))
    parser.add_argument('--make', action='store_true',
                        help='let the lab make the dumps that are missing: downloads, minutes')
    names = [part.name for part in rows.PARTS] + ['memory']
    parser.add_argument('--parts', metavar='LIST', default=','.join(names),
                        help='which, of ' + ','.join(names))
    parser.add_argument('--terabyte', action='store_true',
                        help='also the memory that machines of 1 TiB take: some minutes')
    parser.add_argument('--capture', action='store_true',
                        help='also guests of 64 and 256 GiB, in QEMU: half an hour')
    parser.add_argument('--markdown', action='store_true', help='for RESULTS.md')
    parser.add_argument('--json', action='store_true', help='for programs')
    parser.add_argument('--scratch', metavar='FOLDER', default='/dev/shm',
                        help='where outputs go, 300 MB of memory (/dev/shm)')
    parser.add_argument('--build', metavar='FOLDER', default=dumps.SOURCE + '/build/release',
                        help='where vmcull was built (build/release)')
    arguments = parser.parse_args()
    arguments.parts = arguments.parts.split(',')
    unknown = set(arguments.parts) - set(names)
    if unknown:
        parser.error('there is no part ' + ', '.join(sorted(unknown)))
    if arguments.runs < 1:
        parser.error('--runs takes 1 or more')
    return arguments


def cpu_name():
    with open('/proc/cpuinfo') as file:
        for line in file:
            if line.startswith(('model name', 'cpu model')):
                return line.split(':')[1].strip()
    return platform.machine()


def about(ours, theirs, runs):
    load = os.getloadavg()[0]
    return [
        '%s, %s, %d CPUs, Linux %s, load %.1f at the start' % (
            time.strftime('%Y-%m-%d'), cpu_name(), os.cpu_count(), platform.release(), load),
        ours.version.splitlines()[0] + ': ' + ', '.join(
            line.split(': ')[1].split(',')[0] for line in ours.version.splitlines()
            if line.startswith('codec ') and ' auto:' not in line),
        theirs.about() if theirs else 'no makedumpfile: testdata/lab/lab tools gets one',
        'medians of %d runs' % runs,
    ]


def main():
    arguments = parse_arguments()
    ours = programs.Ours(arguments.build + '/src/cli/vmcull')
    theirs = programs.find_makedumpfile()
    report = {'about': about(ours, theirs, arguments.runs), 'dumps': [], 'terabyte': [],
              'capture': []}
    session = Session(ours, theirs, arguments.build + '/tests/bench/codec_floor', arguments.runs)
    parts = [part for part in rows.PARTS if part.name in arguments.parts]
    for dump in dumps.choose(arguments.dump, arguments.make, arguments.build):
        report['dumps'].append(session.measure_dump(dump, parts, arguments.scratch,
                                                    'memory' in arguments.parts))
    if arguments.terabyte:
        report['terabyte'] = [session.measure_terabyte(kind, arguments.build)
                              for kind in rows.TERABYTE_KINDS]
    if arguments.capture:
        report['capture'] = capture.measure_guests()
    if arguments.json:
        json.dump(report, sys.stdout, indent=1)
        print()
    else:
        table.print_report(report, arguments.markdown)


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # outputs are taken away on the way out
    try:
        main()
    except (measure.Failed, OSError, subprocess.CalledProcessError) as failure:
        sys.exit('bench: %s' % failure)
