# SPDX-License-Identifier: GPL-2.0-or-later
"""Free blocks of a vmcore, for scripts that make something else of them."""
import struct

from labkit.vmcoreview import PAGE


def free_blocks(vmcore, order):
    """[(pfn, address of the struct page)] of the free blocks of this order"""
    pages = 1 << order
    found = []
    for _, physical, _, size in vmcore.direct:
        first = (physical // PAGE + pages - 1) & ~(pages - 1)
        for pfn in range(first, (physical + size) // PAGE - pages + 1, pages):
            page = vmcore.struct_page(pfn)
            if page and vmcore.is_buddy(page) and vmcore.block_order(page) == order:
                found.append((pfn, page))
    return found


def spread(blocks, count):
    """count of them, or all, from first to last"""
    count = min(count, len(blocks))
    return [blocks[i * len(blocks) // count] for i in range(count)]


def fill(vmcore, pfn, pages):
    """Pages get a pattern that names them."""
    at = vmcore.offset(pfn * PAGE)
    for i in range(pages):
        vmcore.map[at + i * PAGE : at + (i + 1) * PAGE] = struct.pack(
            '<8sQ', b'UNACCEPT', pfn + i
        ) * (PAGE // 16)
