# SPDX-License-Identifier: GPL-2.0-or-later
"""Inputs for faults, made of a stripped dump: pages of processes get content."""
import collections
import json
import os
import shutil
import struct
import subprocess

PAGE = 4096
STATES = {'anon': 24, 'cache': 24, 'hugetlb': 24, 'free': 96}     # every so manieth page has content


Segment = collections.namedtuple('Segment', 'kind flags offset virtual physical size memory align')


def segments(data):
    """The program headers."""
    phoff, = struct.unpack_from('<Q', data, 32)
    count, = struct.unpack_from('<H', data, 56)
    return [Segment._make(struct.unpack_from('<IIQQQQQQ', data, phoff + 56 * i)) for i in range(count)]


def runs_of_data(file, segment):
    """(start, end) of what is no hole of the file, with a few pages between them and behind."""
    runs, at, end = [], segment.offset, segment.offset + segment.size
    while at < end:
        try:
            start = max(os.lseek(file.fileno(), at, os.SEEK_DATA) // PAGE * PAGE, segment.offset)
        except OSError:
            break
        if start >= end:
            break
        at = os.lseek(file.fileno(), start, os.SEEK_HOLE)
        stop = min(-(-at // PAGE) * PAGE + 4 * PAGE, end)
        if runs and start <= runs[-1][1] + 16 * PAGE:
            runs[-1][1] = stop
        else:
            runs.append([start, stop])
    return runs


def shrink(whole, path):
    """Leaves out memory of which nothing is in the file, so that a run takes little time."""
    with open(whole, 'rb') as source, open(path, 'wb') as target:
        header = bytearray(source.read(1 << 16))
        notes = [segment for segment in segments(header) if segment.kind == 4]
        pieces = [(segment, start, end) for segment in segments(header) if segment.kind == 1
                  for start, end in runs_of_data(source, segment)]
        struct.pack_into('<Q', header, 32, 64)
        struct.pack_into('<H', header, 56, len(notes) + len(pieces))
        at = -(-(64 + 56 * (len(notes) + len(pieces))) // PAGE) * PAGE
        places, table = [], b''
        for segment, start, end in [(note, note.offset, note.offset + note.size) for note in notes] + pieces:
            moved = start - segment.offset
            table += struct.pack('<IIQQQQQQ', *segment._replace(
                offset=at, virtual=segment.virtual + moved, physical=segment.physical + moved,
                size=end - start, memory=end - start))
            places.append((at, start, end))
            at += -(-(end - start) // PAGE) * PAGE
        target.write(header[:64] + table)
        for at, start, end in places:
            source.seek(start)
            target.seek(at)
            target.write(source.read(end - start))
        target.truncate(-(-target.tell() // PAGE) * PAGE)


def content(pfn):
    """What no other page has; every third hardly compresses."""
    if pfn % 3:
        return (f'page {pfn} ' * (PAGE // 6)).encode()[:PAGE]
    return bytes((pfn * 2654435761 * (i + 1) >> 13) & 0xff for i in range(PAGE))


def fill(program, path):
    """Content for some pages of processes."""
    lines = subprocess.run([program, 'audit', '--ranges', path], capture_output=True, check=True).stdout
    with open(path, 'r+b') as file:
        places = [segment for segment in segments(file.read(1 << 16)) if segment.kind == 1]
        for line in lines.splitlines():
            run_of = json.loads(line)
            if run_of['state'] not in STATES:
                continue
            for pfn in range(run_of['pfn'], run_of['pfn'] + run_of['count'], STATES[run_of['state']]):
                for segment in places:
                    if segment.physical <= pfn * PAGE < segment.physical + segment.size:
                        file.seek(segment.offset + pfn * PAGE - segment.physical)
                        file.write(content(pfn))


def run(program, *arguments, **more):
    subprocess.run([program, *arguments], check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)


def inputs(args):
    """Paths by name.  Each has a copy beside it, with .copy behind its name."""
    folder = os.path.join(os.path.abspath(args.scratch), 'inputs-' + (args.group or 'all'))
    paths = {name: os.path.join(folder, name) for name in ('elf', 'kdump', 'stream', 'part1', 'part2')}
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    whole = os.path.join(folder, 'whole')
    subprocess.run(['cp', '--sparse=always', args.dump, whole], check=True)
    fill(args.program, whole)
    shrink(whole, paths['elf'])
    os.unlink(whole)
    run(args.program, 'filter', '-q', '-d', '0', '--codec=lzo', paths['elf'], paths['kdump'])
    run(args.program, 'filter', '-q', '-d', '17', '-c', '--split=2', paths['elf'], os.path.join(folder, 'parts'))
    for i in (1, 2):
        os.rename(os.path.join(folder, f'parts.{i}'), paths[f'part{i}'])
    with open(paths['stream'], 'wb') as file:
        run(args.program, 'filter', '-q', '-F', '-d', '17', paths['elf'], stdout=file)
    for path in paths.values():
        subprocess.run(['cp', '--sparse=always', path, path + '.copy'], check=True)
    return paths
