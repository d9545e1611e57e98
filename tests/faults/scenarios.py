# SPDX-License-Identifier: GPL-2.0-or-later
"""What is run with faults.  {kdump}, {elf} and so on are the inputs that sweep.py prepares."""
import collections

# outputs: final names; in_place: they have them from the beginning on; streams: standard output is
# a dump; group: the test that has it.
Scenario = collections.namedtuple(
    'Scenario', 'name group command outputs stdin in_place stream', defaults=((), None, False, False))


def scenario(name, group, command, outputs='', **more):
    return Scenario(name, group, command.split(), tuple(outputs.split()), **more)


SCENARIOS = [
    scenario('filter-zstd', 'filter', 'filter -d 1 {kdump} out', 'out'),
    scenario('filter-elf', 'filter', 'filter -E -d 17 --threads=1 {kdump} out', 'out'),
    scenario('filter-raw', 'filter', 'filter -d 31 --codec=none --no-mmap --json {elf} out', 'out'),
    scenario('filter-many', 'filter', 'filter -q -l -d 0 --threads=5 {kdump} out', 'out'),
    scenario('filter-flat', 'streams', 'filter -F -c -d 17 {kdump}', stream=True),
    scenario('filter-flat-elf', 'streams', 'filter -F -E -d 31 {kdump}', stream=True),
    scenario('filter-split', 'forms', 'filter --split=3 -p -d 17 {kdump} out', 'out.1 out.2 out.3'),
    scenario('filter-compact', 'forms', 'filter --small --share-pages -d 1 {kdump} out', 'out'),
    scenario('filter-map-only', 'forms', 'filter --map-only {elf} out', 'out'),
    scenario('convert-elf', 'convert', 'convert --to=elf {kdump} out', 'out'),
    scenario('convert-codec', 'convert', 'convert --codec=auto --threads=3 {kdump} out', 'out'),
    scenario('convert-flat', 'convert', 'convert -F {kdump} out', 'out'),
    scenario('convert-parts', 'convert', 'convert -q {part1} {part2} out', 'out'),
    scenario('compat-lzo', 'makedumpfile', 'makedumpfile -l -d 31 {kdump} out', 'out', in_place=True),
    scenario('compat-elf', 'makedumpfile', 'makedumpfile -E -d 31 {elf} out', 'out', in_place=True),
    scenario('compat-flat', 'streams', 'makedumpfile -F -z -d 31 {elf}', stream=True),
    scenario('compat-split', 'makedumpfile', 'makedumpfile --split -c -d 17 {kdump} out1 out2',
             'out1 out2', in_place=True),
    scenario('compat-reassemble', 'makedumpfile', 'makedumpfile --reassemble {part1} {part2} out',
             'out', in_place=True),
    scenario('compat-rearrange', 'streams', 'makedumpfile -R out', 'out', stdin='stream'),
    scenario('compat-dmesg', 'makedumpfile', 'makedumpfile --dump-dmesg {kdump} out', 'out'),
    scenario('audit', 'audit', 'audit {elf}'),
    scenario('audit-json', 'audit', 'audit --json --zero {kdump}'),
    scenario('audit-ranges', 'audit', 'audit --ranges --csv {elf}'),
    scenario('audit-pictures', 'audit', 'audit --fast --html=out.html --map=out.svg {kdump}',
             'out.html out.svg'),
    scenario('verify', 'read', 'verify --json {kdump}'),
    scenario('verify-against', 'read', 'verify --no-mmap --against={elf} {kdump}'),
    scenario('dmesg', 'read', 'dmesg {kdump}'),
    scenario('dmesg-file', 'read', 'dmesg --json {elf} out', 'out'),
    scenario('explain', 'read', 'explain {kdump} 4096'),
    scenario('estimate', 'read', 'estimate --json --sample=50 --codec=zstd {kdump}'),
    scenario('diff', 'read', 'diff {kdump} {elf}'),
    scenario('info', 'read', 'info --json {elf}'),
]
