#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_vmlinux.py VMCORE: facts from the vmlinux of a kernel (DWARF and ELF symbols) against those
from VMCOREINFO, kallsyms and BTF of the dump; VMCOREINFO made from it, given to vmcull and to
makedumpfile; and a vmlinux of another kernel.
"""
import collections
import filecmp
import json
import os
import subprocess
import sys

import foreign
import ours
import truth

# Values in VMCOREINFO: of a pointer whose address a vmlinux has, and of this boot.
OTHER = {'SYMBOL(mem_section)', 'KERNELOFFSET'}


def run(*arguments, status=0):
    done = subprocess.run([ours.vmcull(), *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode != status:
        raise SystemExit('%s: %d\n%s' % (arguments, done.returncode, done.stderr))
    return done.stdout if status == 0 else done.stderr


def number(value, base=0):
    return value if isinstance(value, int) else int(value, base)


def compare(facts, generated):
    offset = number(facts['KERNELOFFSET']['value'])
    agree, wrong = collections.Counter(), []
    for name, fact in facts.items():
        if fact['source'] in ('unknown', 'inferred') or name in OTHER or name not in generated:
            continue
        if name.startswith('SYMBOL('):
            known = int(generated[name], 16) + offset
        else:
            known = int(generated[name])
        if known == number(fact['value']):
            agree[fact['source']] += 1
        else:
            wrong.append('%s: %s from %s, but %#x in the vmlinux' % (
                name, fact['value'], fact['source'], known))
    print('agree:', dict(agree))
    print('\n'.join(wrong))
    return not wrong and agree['vmcoreinfo'] > 60


def other_vmlinux(mine):
    for kernel in ('k61', 'k72'):
        path = os.path.join(os.path.dirname(os.path.dirname(mine)), kernel, 'vmlinux')
        if os.path.exists(path) and os.path.realpath(path) != os.path.realpath(mine):
            return path
    return None


def main():
    vmcore = sys.argv[1]
    info = json.loads(run('info', '--facts', '--json', vmcore))
    vmlinux = truth.find_vmlinux(info['kernel']['release'])
    if not vmlinux:
        print('skipped: no debug information of %s' % info['kernel']['release'])
        return 77
    made = run('info', '--vmcoreinfo', '-x', vmlinux)
    with open('made', 'w') as file:
        file.write(made)
    generated = dict(line.split('=', 1) for line in made.splitlines())
    if not compare({fact['name']: fact for fact in info['facts']}, generated):
        return 1
    run('filter', '-l', '-q', vmcore, 'plain')
    run('filter', '-l', '-q', '-i', 'made', vmcore, 'with-made')
    run('filter', '-l', '-q', '-x', vmlinux, vmcore, 'with-vmlinux')
    same = [filecmp.cmp('plain', name, shallow=False) for name in ('with-made', 'with-vmlinux')]
    print('the same dump with -i, with -x:', same)
    other = other_vmlinux(vmlinux)
    if other:
        said = run('filter', '-l', '-q', '-x', other, vmcore, 'never', status=1)
        if 'is of another kernel' not in said or os.path.exists('never'):
            print('another kernel: ' + said)
            return 1
    makedumpfile = foreign.tool('x86_64', 'makedumpfile')
    if makedumpfile:
        for name, options in ('theirs', []), ('theirs-made', ['-i', 'made']):
            subprocess.run([makedumpfile, '-l', '-f', '-d', '31', *options, vmcore, name],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        same.append(filecmp.cmp('theirs', 'theirs-made', shallow=False))
        print('the same dump of makedumpfile with -i:', same[-1])
    return 0 if all(same) else 1


if __name__ == '__main__':
    sys.exit(main())
