#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""drgn_map.py DUMP VMLINUX: what drgn reads in all struct pages, counted: flags words, references,
mappings.  Pages whose struct page is not in the dump are counted, too."""
import collections
import hashlib
import sys

import drgn
from drgn.helpers.linux.mm import for_each_page

program = drgn.Program()
program.set_core_dump(sys.argv[1])
program.load_debug_info([sys.argv[2]])
counts = collections.Counter()
digest = hashlib.sha256()
for page in for_each_page(program):
    try:
        words = (page.flags.value_(), page._refcount.counter.value_(),
                 page._mapcount.counter.value_(), page.mapping.value_(), page.private.value_())
    except drgn.FaultError:
        words = None
    except AttributeError:      # a struct since 6.18
        words = (page.flags.f.value_(), page._refcount.counter.value_(),
                 page._mapcount.counter.value_(), page.mapping.value_(), page.private.value_())
    counts[words and words[1:3]] += 1
    digest.update(repr(words).encode())
for words, count in sorted(counts.items(), key=repr):
    print(words, count)
print(digest.hexdigest())
