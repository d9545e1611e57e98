#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""coverage.py COVERAGE.json PARSERS: lines that were reached, by folder and by file of the parsers.
Fails when a folder of PARSERS has less than its share."""
import collections
import json
import os
import sys


def ranges(lines):
    """[1, 2, 3, 7] as "1-3 7"."""
    parts = []
    for line in lines:
        if parts and parts[-1][1] == line - 1:
            parts[-1][1] = line
        else:
            parts.append([line, line])
    return ' '.join(str(first) if first == last else f'{first}-{last}' for first, last in parts)


def share(reached, total):
    return 100 * reached / total if total else 100


def row(name, reached, total, more=''):
    print(f'{name:<34} {reached:>6} of {total:>6} {share(reached, total):6.1f} %  {more}'.rstrip())


with open(sys.argv[2], encoding='utf-8') as file:
    wanted = {name: float(least) for name, least in
              (line.split() for line in file if line.strip() and not line.startswith('#'))}
with open(sys.argv[1], encoding='utf-8') as file:
    files = json.load(file)['files']

# Headers are compiled by way of the links in layers/.
counts = collections.defaultdict(dict)
for entry in files:
    lines = counts[os.path.relpath(os.path.realpath(entry['file']))]
    for line in entry['lines']:
        if not line.get('gcovr/noncode'):
            number = line['line_number']
            lines[number] = lines.get(number, 0) + line['count']

folders = collections.defaultdict(lambda: [0, 0])
parsers = []
for name, lines in counts.items():
    missed = sorted(number for number, count in lines.items() if not count)
    folder = '/'.join(name.split('/')[:2])
    folders[folder][0] += len(lines) - len(missed)
    folders[folder][1] += len(lines)
    if folder in wanted:
        parsers.append((name, len(lines) - len(missed), len(lines), missed))

for name, reached, total, missed in sorted(parsers):
    row(name, reached, total, ranges(missed) if share(reached, total) < 90 else '')
print()
for name, (reached, total) in sorted(folders.items()):
    row(name, reached, total, f'(at least {wanted[name]:g} %)' if name in wanted else '')
row('all', sum(reached for reached, _ in folders.values()), sum(total for _, total in folders.values()))

low = [name for name, least in wanted.items() if name not in folders or share(*folders[name]) < least]
for name in low:
    print(f'{name}: tests reach too little of it', file=sys.stderr)
sys.exit(1 if low else 0)
