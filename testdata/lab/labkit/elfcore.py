# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads and writes ELF vmcores of any machine: headers, notes, VMCOREINFO; no virtual addresses."""
import mmap
import os
import struct
from typing import NamedTuple

PT_LOAD, PT_NOTE = 1, 4
NOTE_NAME = b'VMCOREINFO\0'
BLOCK = 4096


class Unmapped(Exception):
    """An address that the dump has no page for."""


class Layout(NamedTuple):
    """The parts of ELF headers that differ between classes, as struct formats."""

    header: str
    program: str

    def sizes(self):
        return struct.calcsize('=' + self.header) + 16, struct.calcsize('=' + self.program)


LAYOUTS = {64: Layout('HHIQQQIHHHHHH', 'IIQQQQQQ'), 32: Layout('HHIIIIIHHHHHH', 'IIIIIIII')}


class ProgramHeader(NamedTuple):
    """In the order of ELF64."""

    type: int
    flags: int
    offset: int
    virtual: int
    physical: int
    file_size: int
    memory_size: int
    align: int

    def pack(self, order, bits):
        fields = self if bits == 64 else (self[0], *self[2:7], self[1], self[7])
        return struct.pack(order + LAYOUTS[bits].program, *fields)


def unpack_program_header(data, at, order, bits):
    fields = struct.unpack_from(order + LAYOUTS[bits].program, data, at)
    if bits == 32:
        fields = fields[0], fields[6], *fields[1:6], fields[7]
    return ProgramHeader(*fields)


class ElfCore:
    def __init__(self, path, writable=False):
        self.file = open(path, 'r+b' if writable else 'rb')
        access = mmap.PROT_READ | (mmap.PROT_WRITE if writable else 0)
        self.map = mmap.mmap(self.file.fileno(), 0, prot=access)
        if self.map[:4] != b'\x7fELF':
            raise SystemExit(path + ' is not an ELF file')
        self.bits = 64 if self.map[4] == 2 else 32
        self.byte_order = '<' if self.map[5] == 1 else '>'
        header = struct.unpack_from(self.byte_order + LAYOUTS[self.bits].header, self.map, 16)
        self.machine, self.program_offset, self.program_count = header[1], header[4], header[9]
        size = LAYOUTS[self.bits].sizes()[1]
        self.headers = [
            unpack_program_header(
                self.map, self.program_offset + size * i, self.byte_order, self.bits
            )
            for i in range(self.program_count)
        ]
        self.loads = [h for h in self.headers if h.type == PT_LOAD and h.file_size]
        self.notes = b''.join(
            self.map[h.offset : h.offset + h.file_size] for h in self.headers if h.type == PT_NOTE
        )
        self.info_text = self._vmcoreinfo()
        self.info = dict(line.split('=', 1) for line in self.info_text.splitlines() if '=' in line)

    def _vmcoreinfo(self):
        """Its text, or nothing."""
        at = self.notes.find(NOTE_NAME)
        if at < 12:
            return ''
        (length,) = struct.unpack_from(self.byte_order + 'I', self.notes, at - 8)
        return self.notes[at + 12 : at + 12 + length].rstrip(b'\0').decode()

    @property
    def page_size(self):
        return int(self.info['PAGESIZE'])

    def offset(self, physical):
        """Where in the file the byte at this physical address is."""
        for load in self.loads:
            if load.physical <= physical < load.physical + load.file_size:
                return load.offset + physical - load.physical
        raise Unmapped('physical %#x' % physical)

    def read_physical(self, physical, length):
        offset = self.offset(physical)
        return self.map[offset : offset + length]


def copy_sparse(source, offset, length, target):
    """Appends a part of a file to another one; blocks of zeros become holes."""
    for at in range(offset, offset + length, 1 << 20):
        part = source[at : min(at + (1 << 20), offset + length)]
        if any(part):
            target.write(part)
        else:
            target.seek(len(part), os.SEEK_CUR)
    target.truncate()


def write_core(path, elf, notes, loads, source):
    """A new vmcore.  elf: (e_machine, byte order, class); loads: program headers whose offsets are
    those in source."""
    machine, order, bits = elf
    header_size, program_size = LAYOUTS[bits].sizes()
    notes_at = header_size + program_size * (len(loads) + 1)
    at = (notes_at + len(notes) + BLOCK - 1) // BLOCK * BLOCK
    headers = [ProgramHeader(PT_NOTE, 0, notes_at, 0, 0, len(notes), len(notes), 0)]
    for load in loads:
        headers.append(load._replace(offset=at))
        at = (at + load.file_size + BLOCK - 1) // BLOCK * BLOCK
    ident = b'\x7fELF' + bytes([bits // 32, 1 if order == '<' else 2, 1]) + bytes(9)
    fields = (4, machine, 1, 0, header_size, 0, 0, header_size, program_size, len(headers), 0, 0, 0)
    with open(path, 'wb') as target:
        target.write(ident + struct.pack(order + LAYOUTS[bits].header, *fields))
        for header in headers:
            target.write(header.pack(order, bits))
        target.write(notes)
        for load, header in zip(loads, headers[1:]):
            target.seek(header.offset)
            copy_sparse(source, load.offset, load.file_size, target)


def add_vmcoreinfo(dump, truth, path, elf):
    """A copy of QEMU's dump with the note that lies ready in the guest's memory.  Where that is
    says /sys/kernel/vmcoreinfo: physical address and size, hexadecimal."""
    with open(os.path.join(truth, 'vmcoreinfo')) as file:
        physical, size = (int(word, 16) for word in file.read().split())
    core = ElfCore(dump)
    note = core.read_physical(physical, size)
    name_size, text_size, _ = struct.unpack_from(elf[1] + 'III', note)
    if note[12:].find(NOTE_NAME) != 0:
        raise SystemExit('no VMCOREINFO at %#x' % physical)
    note = note[: 12 + (name_size + 3 & ~3) + (text_size + 3 & ~3)]
    # notes of QEMU have the byte order of its header, which may be another one
    notes = core.notes if core.byte_order == elf[1] else b''
    write_core(path, elf, notes if core.info else notes + note, core.loads, core.map)
