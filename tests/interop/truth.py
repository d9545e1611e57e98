# SPDX-License-Identifier: GPL-2.0-or-later
"""What is known of the pages of a dump from elsewhere: from the guest, and from who edited it.

The guest's part is a folder: "truth" beside a vmcore of the lab, or the folder itself for the dumps
of testdata/, where files are packed.
"""
import array
import json
import os
import subprocess

from ours import SOURCE  # also puts labkit on the path
from labkit.kpageflags import BIT
from labkit.paths import work_folder

assert SOURCE

# Flags of the page itself: never taken over from the head of its compound page.
OWN = BIT['HWPOISON'] | BIT['BUDDY'] | BIT['OFFLINE'] | BIT['COMPOUND_HEAD']


def find_folder(vmcore):
    beside = os.path.dirname(os.path.abspath(vmcore))
    truth = os.path.join(beside, 'truth')
    return truth if os.path.isdir(truth) else beside


def read_file(folder, name):
    """The content of a file, packed or not; None when there is none."""
    path = os.path.join(folder, name)
    if os.path.exists(path):
        with open(path, 'rb') as file:
            return file.read()
    if os.path.exists(path + '.zst'):
        return subprocess.run(['zstd', '-dc', '--long=27', path + '.zst'], check=True,
                              stdout=subprocess.PIPE).stdout
    return None


def is_stripped(folder):
    """Is the dump one of those whose pages were emptied, but for the memory map?"""
    kept = read_file(folder, 'kept.txt')
    return kept is not None and b'all pages' not in kept


def kpageflags(folder):
    """The flags of each page; empty without them.  Tails, of which old kernels say nothing, get
    those of their head."""
    flags = array.array('Q', read_file(folder, 'kpageflags') or b'')
    head = 0
    for pfn, value in enumerate(flags):
        if value & BIT['COMPOUND_HEAD']:
            head = value & ~OWN
        elif value & BIT['COMPOUND_TAIL']:
            flags[pfn] |= head
    return flags


def poisoned(vmcore):
    """Pages that testdata/lab/mkhwpoison says it poisoned."""
    if not os.path.exists(vmcore + '.json'):
        return set()
    with open(vmcore + '.json') as lines:
        return {json.loads(line)['pfn'] for line in lines if line.strip()}


def unaccepted(vmcore, folder):
    """Pages that testdata/lab/mkunaccepted, or the guest's own lists, say are unaccepted."""
    pages = set()
    if os.path.exists(vmcore + '.ranges'):
        with open(vmcore + '.ranges') as lines:
            for line in lines:
                first, count = line.split()[:2]
                pages.update(range(int(first, 0), int(first, 0) + int(count)))
    listed = read_file(folder, 'unaccepted.json')
    if listed:
        for first, end in json.loads(listed)['listed_pfn_ranges']:
            pages.update(range(int(first, 16), int(end, 16)))
    return pages


def free_pages(vmcore):
    """How many pages the kernel in a dump counts as free: the sum of the zones' counters."""
    nodes = [vmcore.u64(vmcore.symbol('node_data') + 8 * i)
             for i in range(vmcore.length('node_data'))]
    counter = vmcore.member('zone.vm_stat') + 8 * vmcore.number('NR_FREE_PAGES')
    total = 0
    for node in filter(None, nodes):
        for i in range(vmcore.u32(node + vmcore.member('pglist_data.nr_zones'))):
            zone = node + vmcore.member('pglist_data.node_zones') + i * vmcore.size('zone')
            total += vmcore.u64(zone + counter)
    return total


def free_pages_then(folder):
    """How many it counted when /proc/zoneinfo was read."""
    return sum(int(line.split()[1]) for line in read_file(folder, 'zoneinfo').splitlines()
               if line.split()[:1] == [b'nr_free_pages'])


def find_vmlinux(release):
    """The lab's vmlinux with debug symbols for a kernel, or None."""
    folder = os.path.join(work_folder(), 'dbg')
    for key in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        path = os.path.join(folder, key, 'vmlinux-' + release)
        if os.path.exists(path):
            return path
    return None
