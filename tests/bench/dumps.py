# SPDX-License-Identifier: GPL-2.0-or-later
"""The dumps to measure with, and the pages that dumps made of them have."""
import os
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LAB = os.environ.get('VMCULL_LAB') or os.path.expanduser('~/.cache/vmcull-lab')
sys.path.insert(0, SOURCE + '/tests/interop')

from kdump import Kdump  # noqa: E402

# Of the lab: of 7.2 the sizes that the bounds were set with; makedumpfile 1.7.8 takes some 1,800
# pages of its slabs for others and loses them, so sizes are compared on 6.12.
RECIPES = {
    'k72-4g': 'k72 --name k72-4g --mem 4G --scale 4 --balloon 64',
    'k72': 'k72 --balloon 64',
    'k612': 'k612 --balloon 64',
}


class Dump:
    def __init__(self, name, path):
        self.name, self.path = name, path


def of_lab(name):
    path = os.path.join(LAB, 'out', name, 'vmcore')
    return Dump(name, path) if os.path.isfile(path) else None


def make(name):
    """Makes a dump in the lab: minutes, and downloads."""
    command = [SOURCE + '/testdata/lab/lab', 'make', *RECIPES[name].split()]
    if subprocess.run(command).returncode:
        raise SystemExit('bench: the lab could not make ' + name)


def small_sample(folder):
    """The whole dump that comes with the sources."""
    path = os.path.join(folder, 'samples', 'whole', 'vmcore')
    subprocess.run([SOURCE + '/tests/unpack', SOURCE + '/testdata/whole/vmcore.zst', path],
                   check=True)
    return Dump('whole', path)


def named(text):
    if '/' in text or os.path.isfile(text):
        if not os.path.isfile(text):
            raise SystemExit('bench: there is no ' + text)
        folder, name = os.path.split(os.path.abspath(text))
        return Dump(os.path.basename(folder) if name == 'vmcore' else name, os.path.abspath(text))
    dump = of_lab(text)
    if not dump:
        raise SystemExit('bench: the lab has no dump %s in %s/out' % (text, LAB))
    return dump


def choose(names, may_make, build):
    """The dumps that were asked for, or those of the lab, or the sample."""
    if names:
        return [named(name) for name in names]
    missing = [name for name in RECIPES if not of_lab(name)]
    for name in missing if may_make else ():
        make(name)
    found = [dump for dump in map(of_lab, RECIPES) if dump]
    for name in RECIPES:
        if not of_lab(name):
            print('no dump %s: ./bench --make makes it, or testdata/lab/lab make %s'
                  % (name, RECIPES[name]), file=sys.stderr)
    if not found:
        print('no dumps of the lab: the small one of testdata/whole instead, which the bounds were '
              'not set for', file=sys.stderr)
        found = [small_sample(build)]
    return found


class Written:
    """A dump that was made: its size and pages, if it is a kdump file."""

    def __init__(self, path):
        self.bytes = os.stat(path).st_size
        try:
            self.pages = bin(Kdump(path).kept).count('1')
        except ValueError:
            self.pages = 0
