# SPDX-License-Identifier: GPL-2.0-or-later
"""Readers that were built for other machines (testdata/lab/foreign), and the machine of a dump."""
import os

import elf
import ours
import truth
from labkit.paths import work_folder

# What vmcull calls a machine: what Debian calls it.
DEBIAN = {
    'aarch64': 'arm64',
    'arm': 'armhf',
    'i386': 'i386',
    'ppc64': 'ppc64el',
    'riscv64': 'riscv64',
    's390x': 's390x',
}
HERE = 'x86_64'

# What makedumpfile 1.7.8 says of dumps that it cannot read, whoever wrote them.
CANNOT_READ = {
    "Can't get the number of PT_LOAD": 'QEMU wrote the dump',
    'VA Bits 52 not supported': 'arm64 with addresses of 52 bits',
    "Can't get the kernel version": 'no way from its addresses to memory',
}


def machine(dump):
    return ours.info_json(dump)['machine']


def tool(dump_machine, name):
    """The path of crash or makedumpfile for a machine, or None."""
    folder = DEBIAN.get(dump_machine)
    path = os.path.join(work_folder(), 'foreign', folder, name) if folder else ''
    if dump_machine == HERE:
        path = os.path.join(work_folder(), 'sid', name)
    return path if os.path.exists(path) else None


def vmlinux(dump_machine, release):
    path = os.path.join(work_folder(), 'foreign', DEBIAN.get(dump_machine, ''),
                        'vmlinux-' + release)
    return path if os.path.exists(path) else truth.find_vmlinux(release)


def why_not(text):
    """Why makedumpfile cannot read a dump, by its messages; None when it should be able to."""
    return next((why for sign, why in CANNOT_READ.items() if sign in text), None)


def partial_pages(path, page_size):
    """The set of pages of which an ELF core has a part only, or not all in one piece."""
    with open(path, 'rb') as file:
        if file.read(4) != b'\x7fELF':
            return set()
    edges = set()
    for first, last, _ in elf.Elf(path, page_size).loads:
        edges.update(at // page_size for at in (first, last) if at % page_size)
    return edges
