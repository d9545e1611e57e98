#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""facts_drgn.py VMCORE: every fact that vmcull has of a kernel, from whatever source, against what
drgn reads in the debug information of that kernel.  Twice: with BTF, and with a symbol table that
cannot be read, so that facts are inferred.  Only what has no counterpart there is not compared.
"""
import collections
import json
import re
import subprocess
import sys

try:
    import drgn
except ImportError:
    print('skipped: no drgn')
    sys.exit(77)

import ours
import truth

# Names of members in other releases.
ALIASES = {
    'page._refcount': 'page._count',
    'page.compound_head': 'page.compound_info',
    'page.index': 'page.__folio_index',
    'page.memcg_data': 'page.mem_cgroup',
    'zone.per_cpu_pageset': 'zone.pageset',
}

# NUMBERs that are enumerators.
ENUMS = [('pageflags', 'PG_'), ('zone_stat_item', 'NR_'), ('zone_type', '__MAX_NR_ZONES'),
         ('migratetype', 'MIGRATE_'), ('compound_dtor_id', 'HUGETLB_PAGE_DTOR')]
PAGE_TYPE = re.compile('PAGE_([A-Z]+)_MAPCOUNT_VALUE$')

# SYMBOLs that VMCOREINFO gives the value of.
VALUES = {'mem_section', 'vmemmap'}


class Kernel:
    """What debug information says of the names that facts have; None: nothing."""

    def __init__(self, vmcore, vmlinux):
        self.program = drgn.Program()
        self.program.set_core_dump(vmcore)
        self.program.load_debug_info([vmlinux])

    def type(self, name):
        for kind in ('struct ', '', 'union '):
            try:
                return self.program.type(kind + name)
            except (LookupError, SyntaxError):
                pass
        return None

    def member(self, path):
        """(type, offset) of a member that is no bit field"""
        name, *members = path.split('.')
        type_ = self.type(name)
        if type_ is None:
            return None
        try:
            found = drgn.Object(self.program, type_, address=1 << 12)
            for name in members:
                found = found.member_(name)
        except LookupError:
            return None
        return None if found.bit_field_size_ else (found.type_, found.address_ - (1 << 12))

    def enumerator(self, enum, name):
        try:
            enumerators = self.program.type('enum ' + enum).enumerators
        except LookupError:
            return None
        return {enumerator.name: enumerator.value for enumerator in enumerators}.get(name)

    def size(self, name):
        type_ = self.type(name)
        return None if type_ is None else drgn.sizeof(type_)

    def offset(self, path):
        found = self.member(path)
        return None if found is None else found[1]

    def length(self, path):
        if '.' in path:
            found = self.member(path)
            return None if found is None else found[0].length
        try:
            type_ = self.program[path].type_
        except KeyError:
            return None
        return type_.length if type_.kind == drgn.TypeKind.ARRAY else None

    def number(self, name):
        if name == 'PG_head_mask':
            bit = self.enumerator('pageflags', 'PG_head')
            return None if bit is None else 1 << bit
        page_type = PAGE_TYPE.match(name)
        if page_type:
            number = self.enumerator('pagetype', 'PGTY_' + page_type[1].lower())
            return None if number is None else (number << 24) - (1 << 32)
        for enum, prefix in ENUMS:
            if name.startswith(prefix):
                return self.enumerator(enum, name)
        return None

    def symbol(self, name):
        if name in VALUES:
            return None
        try:
            return self.program.symbol(name).address
        except LookupError:
            return None

    def fact(self, name):
        kind, _, inside = name.rstrip(')').partition('(')
        look = {'SIZE': self.size, 'OFFSET': self.offset, 'LENGTH': self.length,
                'NUMBER': self.number, 'SYMBOL': self.symbol}.get(kind)
        if not look:
            return None
        value = look(inside)
        if value is None and inside in ALIASES:
            value = look(ALIASES[inside])
        return value


def facts_of(vmcore, *options):
    text = subprocess.run([ours.vmcull(), 'info', '--json', '--facts', *options, vmcore],
                          check=True, stdout=subprocess.PIPE).stdout
    facts = []
    for fact in json.loads(text)['facts']:
        value = int(fact['value'], 16) if isinstance(fact['value'], str) else fact['value']
        facts.append((fact['name'], value, fact['source']))
    return facts


def compare(kernel, what, facts, complete):
    """Prints how many facts of each source agree.  Returns false when one does not, or when one is
    not known that should be."""
    agree = collections.Counter()
    wrong = []
    for name, value, source in facts:
        known = kernel.fact(name)
        if source == 'user':
            continue
        if value is None:
            # BTF is made of the debug information: what is there must have been found.
            if known is not None and complete and not name.startswith('SYMBOL'):
                wrong.append('%s: not known, but it is %#x' % (name, known))
        elif known is None:
            agree[source + ' without counterpart'] += 1
        elif value == known:
            agree[source] += 1
        else:
            wrong.append('%s: %#x from %s, but it is %#x' % (name, value, source, known))
    print('%s: %s' % (what, ', '.join('%d %s' % (agree[key], key) for key in sorted(agree))))
    for line in wrong:
        print(line)
    return not wrong


def main():
    vmcore = sys.argv[1]
    info = json.loads(subprocess.run([ours.vmcull(), 'info', '--json', vmcore], check=True,
                                     stdout=subprocess.PIPE).stdout)
    vmlinux = truth.find_vmlinux(info['kernel']['release'])
    if not vmlinux:
        print('skipped: no debug information of %s' % info['kernel']['release'])
        return 77
    facts = facts_of(vmcore)
    if 'btf' not in {source for _, _, source in facts}:
        print('skipped: the dump has no type information, or this build cannot read it')
        return 77
    with open('without', 'w') as lines:
        lines.write('SYMBOL(kallsyms_num_syms)=0\n')
    inferred = facts_of(vmcore, '-i', 'without')
    if {'btf', 'kallsyms'} & {source for _, _, source in inferred}:
        print('symbols or types were read where nothing says where they are')
        return 1
    kernel = Kernel(vmcore, vmlinux)
    with_btf = compare(kernel, 'with BTF', facts, True)
    return 0 if compare(kernel, 'without', inferred, False) and with_btf else 1


if __name__ == '__main__':
    sys.exit(main())
