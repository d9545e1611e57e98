# SPDX-License-Identifier: GPL-2.0-or-later
"""Which bytes of a dump the program reads: by its own trace, by strace, by a guard in its way."""
import bisect
import os
import re
import shutil
import subprocess

import ours

# A sanitizer's own look for leaks does not work under strace, and it wants to be loaded first.
SANITIZER = {'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '') +
                             ':detect_leaks=0:verify_asan_link_order=0'}
CALLS = 'openat,read,pread64,readv,preadv,preadv2,lseek,mmap,sendfile,copy_file_range,splice'
COPY = re.compile(r'^\d+ +(?:<\.\.\. )?pread64(?:\(| resumed).*?, (\d+), (\d+)\) *= (\d+)$')


class Ranges:
    """Ranges of bytes in a file."""

    def __init__(self, pairs):
        """Of (offset, size) pairs in any order."""
        self.starts, self.ends = [], []
        for start, end in sorted((offset, offset + size) for offset, size in pairs if size):
            if self.ends and start <= self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], end)
            else:
                self.starts.append(start)
                self.ends.append(end)

    def touch(self, offset, size):
        at = bisect.bisect_left(self.starts, offset + size) - 1
        return at >= 0 and self.ends[at] > offset

    def hold(self, offset, size):
        at = bisect.bisect_right(self.starts, offset) - 1
        return at >= 0 and self.ends[at] >= offset + size


def places(vmcore, runs):
    """For pieces of runs (pfn, count) of pages all places in the file, as (offset, size): the
    kernel's image is in /proc/vmcore twice, in a segment of its own and in the direct map."""
    segments = [(start, start + size, offset) for _, start, offset, size in vmcore.segments]
    cuts = sorted({cut for start, end, _ in segments for cut in (start, end)})
    for pfn, count in runs:
        first, last = pfn * 4096, (pfn + count) * 4096
        inner = cuts[bisect.bisect_right(cuts, first):bisect.bisect_left(cuts, last)]
        for start, end in zip([first] + inner, inner + [last]):
            found = [(offset + start - first_byte, end - start)
                     for first_byte, last_byte, offset in segments
                     if first_byte <= start < last_byte]
            if found:
                yield found


def file_ranges(vmcore, runs):
    return [place for alternatives in places(vmcore, runs) for place in alternatives]


def by_trace(dump, out, options, folder):
    path = os.path.join(folder, 'trace')
    ours.filter_dump(dump, out, '--trace-reads=' + path, *options)
    return traced(path)


def traced(path):
    with open(path) as lines:
        return Ranges((int(offset, 0), int(size)) for offset, size in map(str.split, lines))


def of_audit(dump, options, folder):
    """What an audit reads, by its own trace."""
    path = os.path.join(folder, 'audit-trace')
    ours.audit(dump, '--trace-reads=' + path, *options)
    found = traced(path)
    os.unlink(path)
    return found


def by_strace(dump, out, options, folder):
    """None without strace.  Only pread64() is expected; any other way in is an error."""
    if not shutil.which('strace'):
        return None
    path = os.path.join(folder, 'strace')
    subprocess.run(['strace', '-f', '-s', '0', '-e', 'signal=none', '-e', 'trace=' + CALLS, '-P',
                    dump, '-o', path, ours.vmcull(), 'filter', '--quiet', '--force', '--no-mmap',
                    *options, dump, out], check=True,
                   env=dict(os.environ, **SANITIZER))
    pairs = []
    with open(path) as lines:
        for line in lines:
            copied = COPY.match(line)
            if copied:
                pairs.append((int(copied[2]), int(copied[1])))
            elif not re.search(r'openat\(|\+\+\+|pread64\(.*<unfinished \.\.\.>$', line):
                raise SystemExit('not understood: ' + line)
    return Ranges(pairs)


def guarded(dump, out, options, ranges, folder):
    return guarded_command(('filter', '--quiet', '--force', *options, dump, out), dump, ranges,
                           folder)


def guarded_command(arguments, dump, ranges, folder):
    """Runs the program with a guard around ranges of the dump: its exit status, negative for a
    signal; None where the guard is not built."""
    guard = ours.helper('vmcull_guard.so')
    if not guard:
        return None
    path = os.path.join(folder, 'guard')
    with open(path, 'w') as file:
        file.writelines('%d %d\n' % pair for pair in ranges)
    environment = dict(os.environ, LD_PRELOAD=guard, GUARD_FILE=dump, GUARD_RANGES=path,
                       **SANITIZER)
    return subprocess.run([ours.vmcull(), *arguments], env=environment, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode
