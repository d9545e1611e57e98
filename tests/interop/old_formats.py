#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""old_formats.py KIND VMCORE FILE...: the memory of an ELF vmcore, as firmware and old kernels wrote it.

KIND is sadump (one FILE, or several disks of a set), lkcd9, lkcd10, diskdump (VMCORE is a
kdump-compressed file then) or s390.
"""
import mmap
import struct
import sys
import zlib

PAGE = 4096
MAGIC = 0xa8190173618f23ed


class Memory:
    """What an ELF64 core has of memory, in whole pages."""

    def __init__(self, path):
        with open(path, 'rb') as file:
            self.map = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        order = '>' if self.map[5] == 2 else '<'
        table, = struct.unpack_from(order + 'Q', self.map, 32)
        size, count = struct.unpack_from(order + 'HH', self.map, 54)
        self.segments = {}
        for i in range(count):
            kind, _, offset, _, start, length = struct.unpack_from(
                order + 'IIQQQQ', self.map, table + i * size)
            if kind == 1 and length:
                self.segments[start] = (offset, length)
        self.end = max(start + length for start, (_, length) in self.segments.items())

    def pages(self):
        """(pfn, content), by pfn; each once, though segments may overlap"""
        done = 0
        for start, (offset, length) in sorted(self.segments.items()):
            first = max(-(-start // PAGE), done)
            done = max(done, (start + length) // PAGE)
            for pfn in range(first, (start + length) // PAGE):
                at = offset + pfn * PAGE - start
                yield pfn, self.map[at : at + PAGE]


def uts(machine=b'x86_64'):
    names = (b'Linux', b'host', b'2.6.32', b'#1', machine, b'(none)')
    return b''.join(name.ljust(65, b'\0') for name in names)


# ---- sadump

def part_header(number, used):
    """A block: what the disk is, then numbers by which the size of a block is recognised."""
    head = struct.pack('<8sIIII64s', b'sadump', 1, 0, 0, 0, b'')
    head += b'S' * 16 + b'D' * 16 + bytes([number]) * 16 + bytes(16)
    head += struct.pack('<IIQ', number, 0, used)
    magic = 42
    while len(head) < PAGE:
        head += struct.pack('<I', magic)
        magic = 11 * (magic + 7) & 0xffffffff
    return head


def bitmap(pfns, end):
    """The first page is the highest bit."""
    bits = bytearray(-(-end // (8 * PAGE)) * PAGE)
    for pfn in pfns:
        bits[pfn // 8] |= 0x80 >> pfn % 8
    return bytes(bits)


def sadump_headers(pfns, end):
    bits = bitmap(pfns, end)
    blocks = len(bits) // PAGE
    header = struct.pack('<8sII16s', b'sadump', 1, 0, b'')
    header += struct.pack('<13I', 0, 0, PAGE, 0, 1, blocks, blocks, min(end, 0xffffffff), 0, 0, 0, 0,
                          1)
    header += struct.pack('<IQQQQ', 0, end, 0, 0, 0)
    # one CPU in long mode, by IA32_EFER, which its 1024 bytes end with before three more registers
    states = struct.pack('<I16s992xQ24x', 1024, b'', 1 << 10).ljust(PAGE, b'\0')
    return header.ljust(PAGE, b'\0') + states + bits + bits


def write_sadump(memory, paths):
    pfns = [pfn for pfn, _ in memory.pages()]
    headers = sadump_headers(pfns, memory.end // PAGE)
    disks = len(paths)
    share = -(-len(pfns) // disks)
    if disks > 1:
        volumes = b''.join(struct.pack('<16sQII', bytes([i + 1]) * 16, 0, 0, 0)
                           for i in range(disks))
        headers = (struct.pack('<IIQ', 1, disks, 0) + volumes).ljust(PAGE, b'\0') + headers
    files = [open(path, 'wb') for path in paths]    # pylint: disable=consider-using-with
    for i, file in enumerate(files):
        head = headers if i == 0 else b''
        pages = max(0, min(share, len(pfns) - i * share))
        file.write(part_header(i + 1 if disks > 1 else 0, PAGE + len(head) + pages * PAGE) + head)
    for n, (_, content) in enumerate(memory.pages()):
        files[n // share].write(content)
    for file in files:
        file.close()


# ---- LKCD

def write_lkcd(memory, path, version):
    """Pages are raw, or compressed by zlib; each tells its address."""
    data = 1 << 16
    with open(path, 'wb') as file:
        header = struct.pack('<QIIIIQQQ', MAGIC, version, 0, 8, PAGE, memory.end, 0, memory.end)
        header += struct.pack('<I256sQQ', 0, b'panic', 0, 0) + uts()
        header += struct.pack('<QIIIQ', 0, 2, 0, 0, data)
        file.write(header.ljust(data, b'\0'))
        for pfn, content in memory.pages():
            packed = zlib.compress(content, 1)
            flags = 2 if len(packed) < PAGE else 1
            stored = packed if flags == 2 else content
            file.write(struct.pack('<QII', pfn * PAGE, len(stored), flags) + stored)
        file.write(struct.pack('<QII', 0, 0, 4))


# ---- DISKDUMP

def write_diskdump(kdump, path):
    """The older signature; its sub header is registers, and it knows no VMCOREINFO."""
    with open(kdump, 'rb') as file:
        content = bytearray(file.read())
    content[:8] = b'DISKDUMP'
    struct.pack_into('<I', content, 8, 1)
    content[PAGE : 2 * PAGE] = bytes(PAGE)
    with open(path, 'wb') as file:
        file.write(content)


# ---- s390

def write_s390(memory, path):
    """Memory as a whole, from address 0 on."""
    with open(path, 'wb') as file:
        header = struct.pack('>QIIIIQQQI4xQQIII', 0xa8190173618f23fd, 5, PAGE, 0, PAGE, memory.end, 0,
                             memory.end, memory.end // PAGE, 1, 0, 2, 0, 2)
        file.write(header.ljust(PAGE, b'\0'))
        for pfn, content in memory.pages():
            file.seek(PAGE + pfn * PAGE)
            file.write(content)
        file.seek(PAGE + memory.end)
        file.write(struct.pack('>8sQ', b'DUMP_END', 2).ljust(PAGE, b'\0'))


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    kind, source, *paths = sys.argv[1:]
    if kind == 'diskdump':
        write_diskdump(source, paths[0])
    elif kind == 'sadump':
        write_sadump(Memory(source), paths)
    elif kind == 's390':
        write_s390(Memory(source), paths[0])
    else:
        write_lkcd(Memory(source), paths[0], int(kind.removeprefix('lkcd')))


if __name__ == '__main__':
    main()
