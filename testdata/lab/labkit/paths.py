# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the lab keeps things, and the table of kernels."""
import os
import re

LAB_SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GUEST_SOURCE = os.path.join(LAB_SOURCE, 'guest')


def work_folder():
    """The folder for downloads and results, outside of the source tree."""
    cache = os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')
    return os.environ.get('VMCULL_LAB') or os.path.join(cache, 'vmcull-lab')


def kernel_table():
    """{key: (machine, version regular expression, [package templates])}"""
    table = {}
    with open(os.path.join(LAB_SOURCE, 'kernels')) as lines:
        for line in lines:
            words = line.split('#')[0].split()
            if words:
                table[words[0]] = (words[1], words[2], words[3:])
    return table


def kernel_key(name):
    """'6.12', '612' and 'k612' all name k612; other machines' kernels have their full names."""
    key = name if name in kernel_table() else 'k' + name.lstrip('k').replace('.', '')
    if key not in kernel_table():
        raise SystemExit('unknown kernel %s; known: %s' % (name, ' '.join(kernel_table())))
    return key


def machine_of(key):
    return kernel_table()[key][0]


def tree_folder():
    """Programs of a newer Debian, unpacked: QEMU and cross compilers."""
    return os.path.join(work_folder(), 'tree')


def user_land(machine):
    """Programs for the guests of a machine, unpacked."""
    return os.path.join(work_folder(), 'user', machine)


def machine_marks(machine):
    """Files that say that what a machine needs is complete."""
    return os.path.join(tree_folder(), machine + '.complete'), user_land(machine) + '.complete'


def has_machine(machine):
    return machine == 'amd64' or all(map(os.path.exists, machine_marks(machine)))


def natural(text):
    """Sort key: numbers in the text compare as numbers."""
    return [
        (1, int(part), '') if part.isdigit() else (0, 0, part)
        for part in re.split(r'(\d+)', text)
        if part
    ]


def unpacked_kernel(key):
    """(kernel, module folder, version) of a fetched kernel, or None."""
    root = os.path.join(work_folder(), 'k', key)
    for modules in (root + '/lib/modules', root + '/usr/lib/modules'):
        for version in (
            sorted(os.listdir(modules), key=natural, reverse=True) if os.path.isdir(modules) else []
        ):
            folder = os.path.join(modules, version)
            for kernel in ('vmlinuz', 'vmlinux'):
                for path in (folder + '/' + kernel, root + '/boot/%s-%s' % (kernel, version)):
                    if os.path.exists(path):
                        return path, folder, version
    return None
