# SPDX-License-Identifier: GPL-2.0-or-later
"""Instructions that a program executed in its own code, by valgrind's callgrind."""
import collections
import os
import re
import subprocess

NAMED = re.compile(r'(c?)(ob|fn)=\((\d+)\)(?: (.*))?$')


class Failed(Exception):
    pass


def own_instructions(profile, program):
    """Of a file that callgrind wrote: instructions by function, of those that lie in program and
    not in a library.  What they call is not in them."""
    names = {'ob': {}, 'fn': {}}
    current = {'ob': None, 'fn': None}
    counts = collections.Counter()
    called = False
    for line in profile:
        named = NAMED.match(line)
        if named:
            of_called, what, number, name = named.groups()
            if name:
                names[what][number] = name
            if not of_called:
                current[what] = names[what][number]
        elif line.startswith('calls='):
            called = True # the next line is what the called function took
        elif line[:1].isdigit() or line[:1] in '+-*':
            if not called and current['ob'] == program:
                counts[current['fn']] += int(line.split()[-1])
            called = False
    return counts


def count(program, arguments, folder):
    out = os.path.join(folder, 'callgrind.out')
    done = subprocess.run(['valgrind', '--tool=callgrind', '--callgrind-out-file=' + out, program,
                           *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode:
        raise Failed('status %d of %s\n%s' % (done.returncode, ' '.join(arguments),
                                              done.stdout.decode(errors='replace')))
    with open(out, errors='replace') as profile:
        counts = own_instructions(profile, program)
    if not counts:
        raise Failed('callgrind saw no function of ' + program)
    return counts
