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
    """{key: (version regular expression, [package templates])}"""
    table = {}
    with open(os.path.join(LAB_SOURCE, 'kernels')) as lines:
        for line in lines:
            words = line.split('#')[0].split()
            if words:
                table[words[0]] = (words[1], words[2:])
    return table


def kernel_key(name):
    """'6.12', '612' and 'k612' all name k612."""
    key = 'k' + name.lstrip('k').replace('.', '')
    if key not in kernel_table():
        raise SystemExit('unknown kernel %s; known: %s' % (name, ' '.join(kernel_table())))
    return key


def natural(text):
    """Sort key: numbers in the text compare as numbers."""
    return [
        (1, int(part), '') if part.isdigit() else (0, 0, part)
        for part in re.split(r'(\d+)', text)
        if part
    ]


def unpacked_kernel(key):
    """(vmlinuz, module folder, version) of a fetched kernel, or None."""
    root = os.path.join(work_folder(), 'k', key)
    for modules in (root + '/lib/modules', root + '/usr/lib/modules'):
        for version in (
            sorted(os.listdir(modules), key=natural, reverse=True) if os.path.isdir(modules) else []
        ):
            folder = os.path.join(modules, version)
            for vmlinuz in (folder + '/vmlinuz', root + '/boot/vmlinuz-' + version):
                if os.path.exists(vmlinuz):
                    return vmlinuz, folder, version
    return None
