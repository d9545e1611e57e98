#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_modules.py VMCORE TRUTH: what rules of erasing find in modules, against /proc/kallsyms.

A rule for each symbol that is once in its module.  It has to be found; that nothing is mapped there
(per-CPU variables, code for the start alone) is said of it by another message.
"""
import collections
import json
import os
import re
import subprocess
import sys

import ours


def modules_of(kallsyms):
    """{module: names}"""
    names = collections.defaultdict(collections.Counter)
    with open(kallsyms) as file:
        for line in file:
            fields = line.split()
            if len(fields) == 4 and int(fields[0], 16):
                names[fields[3].strip('[]')][fields[2]] += 1
    return {module: [name for name, times in counter.items()
                     if times == 1 and re.fullmatch(r'\w+', name)]
            for module, counter in names.items()}


def main(vmcore, folder):
    kallsyms = os.path.join(folder, 'kallsyms')
    modules = modules_of(kallsyms) if os.path.exists(kallsyms) else {}
    if not modules:
        print('skipped: the guest told of no module')
        return 77
    with open('modules.conf', 'w') as file:
        for module, names in modules.items():
            file.write('[%s]\n' % module)
            file.writelines('erase %s size 1\n' % name for name in names)
    done = subprocess.run([ours.vmcull(), 'filter', '-d', '31', '--json', '--force', '--config',
                           'modules.conf', vmcore, 'out'], stdout=subprocess.PIPE, text=True)
    erased = json.loads(done.stdout)['erased']
    problems = [row for row in erased if row['problem']]
    missing = [row for row in problems if 'there is no symbol' in row['problem']]
    for row in missing:
        print('MISSING: %s: %s' % (row['rule'], row['problem']))
    rules = sum(map(len, modules.values()))
    print('%d symbols of %d modules: %d rules erased, %d found no memory, %d found no symbol' % (
        rules, len(modules), len(erased) - len(problems), len(problems) - len(missing),
        len(missing)))
    return 1 if missing or len(erased) != rules or len(problems) > rules // 20 else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
