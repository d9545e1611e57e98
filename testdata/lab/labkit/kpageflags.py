# SPDX-License-Identifier: GPL-2.0-or-later
"""The bits of /proc/kpageflags (pagemap.rst of the kernel's documentation)."""

NAMES = (
    'LOCKED ERROR REFERENCED UPTODATE DIRTY LRU ACTIVE SLAB WRITEBACK RECLAIM BUDDY MMAP ANON '
    'SWAPCACHE SWAPBACKED COMPOUND_HEAD COMPOUND_TAIL HUGE UNEVICTABLE HWPOISON NOPAGE KSM THP '
    'OFFLINE ZERO_PAGE IDLE PGTABLE 27 28 29 30 31 RESERVED MLOCKED MAPPEDTODISK PRIVATE '
    'PRIVATE_2 OWNER_PRIVATE ARCH UNCACHED SOFTDIRTY ARCH_2 ARCH_3'
).split()
BIT = {name: 1 << number for number, name in enumerate(NAMES)}


def describe(flags):
    return '|'.join(name for name in NAMES if flags & BIT[name]) or '-'
