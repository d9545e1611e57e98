#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""drgn_transcript.py DUMP VMLINUX: what drgn tells of a kernel, in sections, to be compared between
a dump and another one made from it.  A section that drgn cannot tell (it is older than the kernel)
says why instead.
"""
import hashlib
import sys

import drgn
from drgn.helpers.linux.block import for_each_disk, disk_name, for_each_partition, part_name
from drgn.helpers.linux.fs import (d_path, for_each_file, for_each_mount, mount_dst, mount_fstype,
                                   mount_src)
from drgn.helpers.linux.list import list_for_each_entry
from drgn.helpers.linux.pid import find_task, for_each_task
from drgn.helpers.linux.printk import get_dmesg
from drgn.helpers.linux.slab import for_each_slab_cache

SECTION_PAGES = 1 << 15
PAGE_SIZE = 4096


def text(value):
    return value.string_().decode(errors='replace')


def uts(program):
    name = program['init_uts_ns'].name
    for field in ('sysname', 'nodename', 'release', 'version', 'machine'):
        yield '%s: %s' % (field, text(name.member_(field)))


def tasks(program):
    for task in sorted(for_each_task(program), key=lambda task: task.pid.value_()):
        yield '%d %s parent %d flags %x mm %x stack %x' % (
            task.pid, text(task.comm), task.real_parent.pid, task.flags, task.mm, task.stack)


def stacks(program):
    for task in sorted(for_each_task(program), key=lambda task: task.pid.value_()):
        try:
            trace = str(program.stack_trace(task))
        except Exception as error:  # pylint: disable=broad-except
            trace = '%s: %s' % (type(error).__name__, error)
        yield '%d %s\n%s' % (task.pid, text(task.comm), trace)


def log(program):
    yield get_dmesg(program).decode(errors='replace')


def modules(program):
    for module in list_for_each_entry('struct module', program['modules'].address_of_(), 'list'):
        yield '%s state %d refcount %d' % (text(module.name), module.state,
                                           module.refcnt.counter)


def slabs(program):
    for cache in for_each_slab_cache(program):
        yield '%s size %d oo %x flags %x' % (text(cache.name), cache.size, cache.oo.x, cache.flags)


def mounts(program):
    for mount in for_each_mount(program):
        yield '%s %s %s' % (mount_src(mount).decode(), mount_dst(mount).decode(),
                            mount_fstype(mount).decode())


def disks(program):
    for disk in for_each_disk(program):
        yield 'disk ' + disk_name(disk).decode()
    for part in for_each_partition(program):
        yield 'partition ' + part_name(part).decode()


def files_of_init(program):
    for number, file in for_each_file(find_task(program, 1)):
        yield '%d %s' % (number, d_path(file.f_path).decode())


def counters(program):
    for node in program['node_data']:
        if node:
            for zone in node.node_zones:
                yield 'zone %s: %s' % (text(zone.name), [
                    stat.counter.value_() for stat in zone.vm_stat])
            yield 'node %d: %s' % (node.node_id, [
                stat.counter.value_() for stat in node.vm_stat])


def text_hash(program):
    start = program.symbol('_stext').address
    size = program.symbol('_etext').address - start
    yield '%d bytes: %s' % (size, hashlib.sha256(program.read(start, size)).hexdigest())


def memory_map(program):
    """Hashes of all struct pages, a section of memory at a time."""
    size = drgn.sizeof(program.type('struct page'))
    per_root = PAGE_SIZE // drgn.sizeof(program.type('struct mem_section'))
    for node in program['node_data']:
        if not node:
            continue
        first = node.node_start_pfn.value_() // SECTION_PAGES
        end = (node.node_start_pfn + node.node_spanned_pages).value_()
        for section in range(first, -(-end // SECTION_PAGES)):
            root = program['mem_section'][section // per_root]
            if not root or not root[section % per_root].section_mem_map & 2:
                continue
            content = program.read(program['vmemmap_base'].value_() +
                                   section * SECTION_PAGES * size, SECTION_PAGES * size)
            yield 'section %d: %s' % (section, hashlib.sha256(content).hexdigest())


SECTIONS = (uts, tasks, stacks, log, modules, slabs, mounts, disks, files_of_init, counters,
            text_hash, memory_map)


def main():
    program = drgn.Program()
    program.set_core_dump(sys.argv[1])
    program.load_debug_info([sys.argv[2]])
    for section in SECTIONS:
        print('=== ' + section.__name__)
        try:
            for line in section(program):
                print(line)
        except Exception as error:  # pylint: disable=broad-except
            print('%s: %s' % (type(error).__name__, error))
    return 0


if __name__ == '__main__':
    sys.exit(main())
