#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_erased.py VMCORE: what "vmcull filter --config" erases, byte by byte.

With the vmlinux of the kernel (-x) against makedumpfile with the same rules; with the dump alone
(BTF and kallsyms) against that; and from a compressed dump, whose pages could be copied as they are.
"""
import json
import subprocess
import sys

import foreign
import kdump
import ours
import truth

# Types of variables that no source but debug information tells.
DEBUG_ONLY = '''
erase saved_command_line
erase panic_on_oops
erase panic_timeout size nr_cpu_ids
'''
RULES = '''
# sizes, members, pointers
[vmlinux]
erase init_uts_ns.name.nodename
erase init_uts_ns.name.domainname size 4
erase linux_banner size 13
erase init_task.real_parent.comm
erase init_task.stack size 16
erase init_task.mm nullify
erase init_task.group_leader nullify
# lists and links
for t in init_task.tasks.next within task_struct:tasks
    erase t.comm
    erase t.cred.securebits
    erase t.mm nullify
endfor
for p in init_task via group_leader
    erase p.exit_code
endfor
'''
NOTHING = 'erase no_such_symbol\nerase init_task.no_such_member\n'


def rules(name, text):
    with open(name, 'w') as file:
        file.write(text)
    return name


def cull(vmcore, output, *options, status=0):
    done = subprocess.run([ours.vmcull(), 'filter', '-c', '-d', '31', '--json', '--force',
                           *options, vmcore, output], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode != status:
        raise SystemExit('filter %s: %d\n%s' % (options, done.returncode, done.stderr))
    return json.loads(done.stdout)['erased']


def contents(path):
    return dict(kdump.Kdump(path).contents())


def differences(before, after):
    """(physical address, new byte) of each byte that was changed."""
    if before.keys() != after.keys():
        raise SystemExit('other pages are kept')
    for pfn, page in before.items():
        if page != after[pfn]:
            for at, (old, new) in enumerate(zip(page, after[pfn])):
                if old != new:
                    yield pfn * len(page) + at, new


def check(name, condition):
    print('%s: %s' % (name, 'yes' if condition else 'NO'))
    if not condition:
        raise SystemExit(1)


def main():
    vmcore = sys.argv[1]
    info = json.loads(subprocess.run([ours.vmcull(), 'info', '--json', vmcore], check=True,
                                     stdout=subprocess.PIPE).stdout)
    vmlinux = truth.find_vmlinux(info['kernel']['release'])
    makedumpfile = foreign.tool('x86_64', 'makedumpfile')
    if not vmlinux or not makedumpfile:
        print('skipped: no debug information of %s, or no makedumpfile' % info['kernel']['release'])
        return 77
    short = rules('short.conf', RULES)
    full = rules('full.conf', RULES + DEBUG_ONLY)

    cull(vmcore, 'plain')
    before = contents('plain')
    report = cull(vmcore, 'erased', '-x', vmlinux, '--config', full)
    after = contents('erased')
    changed = dict(differences(before, after))
    print('%d bytes differ, %d erased by %d rules' % (
        len(changed), sum(row['bytes'] for row in report), len(report)))
    check('each rule erased something', all(row['objects'] for row in report))
    check('what differs is the letter or zero', set(changed.values()) <= {0, ord('X')})
    check('no more differs than was erased',
          0 < len(changed) <= sum(row['bytes'] for row in report))

    done = subprocess.run([makedumpfile, '-c', '-f', '-d', '31', '--config', full, '-x', vmlinux,
                           vmcore, 'theirs'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode:
        print('skipped: makedumpfile failed: ' + done.stdout[-300:])
        return 77
    theirs = kdump.Kdump('theirs')
    different = [pfn for pfn, page in theirs.contents() if pfn in after and after[pfn] != page]
    check('the same bytes as makedumpfile erases (%s)' % different[:4], not different)
    check('the same record of it', set(theirs.eraseinfo()) == set(kdump.Kdump('erased').eraseinfo()))

    cull('plain', 'again', '-x', vmlinux, '--config', full)
    check('the same from a compressed dump', contents('again') == after)
    cull('again', 'twice', '--config', rules('more.conf', 'erase init_task.comm'))
    check('the record grows when more is erased', kdump.Kdump('twice').eraseinfo() ==
          kdump.Kdump('erased').eraseinfo() + ['erase init_task.comm size 16'])
    cull(vmcore, 'btf', '--config', short)
    cull(vmcore, 'dwarf', '--config', short, '-x', vmlinux)
    check('the same without debug information', contents('btf') == contents('dwarf'))
    report = cull(vmcore, 'nothing', '--config', rules('nothing.conf', NOTHING), status=3)
    check('rules that erase nothing say why', all(row['problem'] for row in report))
    check('and change nothing', contents('nothing') == before)
    return 0


if __name__ == '__main__':
    sys.exit(main())
