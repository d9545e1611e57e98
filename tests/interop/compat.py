#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compat.py [--write] TABLE VMCULL VMCORE: command lines of makedumpfile, run by it and by vmcull.

The table (compat.table) has a block for each:

    [NAME]
    run: COMMAND        for sh, in a folder with the dump as "vmcore"; "$TOOL" is makedumpfile's path
    limit: SECONDS      after which each call counts as hung (default: 120)
    same: FILE...       files that have to be the same bytes ("stdout" is one)
    theirs: RESULT      of makedumpfile 1.7.2 (Debian 12) and 1.7.8; a line for each where they differ
    ours: RESULT        where it differs,
    because: TEXT       and why
    crashes: TEXT       makedumpfile may die of a signal, why; then its column is not held to the table

A RESULT is the exit status of each call ("hung" when time was up), o and e when something came on
stdout and stderr ("-" when nothing did), and the files that are there then ("-" when none is).
A result that is not in the table is a failure.  --write puts those found into the table.
makedumpfile is $MAKEDUMPFILE or that on PATH; without it our column alone is checked.
"""
import os
import shutil
import subprocess
import sys
import tempfile

KEYS = ('run', 'limit', 'same', 'crashes', 'theirs', 'ours', 'because')

# Notes how each call ended, which a pipe hides.  A call is not named after its signal by timeout.
WRAPPER = '''#!/bin/bash
"{timeout}" {limit} {program} "$@"
status=$?
[ $status = 124 ] && echo hung >> {statuses} || echo $status >> {statuses}
exit $status
'''


def read_table(path):
    blocks = []
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip('\n')
            if not line or line.startswith('#'):
                continue
            if line.startswith('['):
                blocks.append({'name': line[1:-1]})
                continue
            key, _, value = line.partition(': ')
            assert key in KEYS and blocks, '%s:%u: what is that?' % (path, number)
            blocks[-1][key] = (blocks[-1][key] + '\n' if key in blocks[-1] else '') + value
    return blocks


def write_table(path, blocks):
    with open(path, encoding='utf-8') as file:
        head = file.read().split('\n[', 1)[0]
    with open(path, 'w', encoding='utf-8') as file:
        file.write(head)
        for block in blocks:
            file.write('\n[%s]\n' % block['name'])
            for key in KEYS:
                for line in block.get(key, '').splitlines():
                    file.write('%s: %s\n' % (key, line))


class Run:
    """One command, run in a folder of its own."""

    def __init__(self, block, program, vmcore, scratch):
        self.folder = os.path.join(scratch, 'run')
        statuses = os.path.join(scratch, 'statuses')
        tools = os.path.join(scratch, 'tools')
        for name in (self.folder, tools):
            shutil.rmtree(name, ignore_errors=True)
            os.mkdir(name)
        open(statuses, 'w', encoding='utf-8').close()
        os.symlink(vmcore, os.path.join(self.folder, 'vmcore'))
        tool = os.path.join(tools, 'makedumpfile')
        with open(tool, 'w', encoding='utf-8') as file:
            file.write(WRAPPER.format(timeout=shutil.which('timeout'), program=program,
                                      limit=block.get('limit', '120'), statuses=statuses))
        os.chmod(tool, 0o755)
        done = subprocess.run(['bash', '-c', block['run']], cwd=self.folder, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=1200,
                              env=dict(os.environ, PATH=tools + ':' + os.environ['PATH'], TOOL=tool))
        self.stdout, self.stderr = done.stdout, done.stderr
        with open(statuses, encoding='utf-8') as file:
            ended = file.read().split()
        streams = ('o' if done.stdout else '') + ('e' if done.stderr else '')
        files = sorted(name for name in os.listdir(self.folder) if name != 'vmcore')
        self.crashed = any(status.isdigit() and int(status) >= 128 for status in ended)
        self.result = '%s %s %s' % (','.join(ended) or '-', streams or '-', ' '.join(files) or '-')
        self.sanitized = b'Sanitizer' in done.stderr or b'runtime error:' in done.stderr

    def content(self, name):
        if name == 'stdout':
            return self.stdout
        try:
            with open(os.path.join(self.folder, name), 'rb') as file:
                return file.read()
        except FileNotFoundError:
            return None


def check(block, theirs, ours, vmcore, scratch, write):
    """Returns what is wrong."""
    wrong = []
    mine = Run(block, ours, vmcore, scratch)
    kept = {name: mine.content(name) for name in block.get('same', '').split()}
    if mine.sanitized:
        wrong.append('found by a sanitizer:\n' + mine.stderr.decode(errors='replace')[:4000])
    found = {'ours': mine.result}
    if theirs:
        other = Run(block, theirs, vmcore, scratch)
    if theirs and not ('crashes' in block and other.crashed):
        found['theirs'] = other.result
        wrong += ['%s: not the same bytes' % name for name, content in kept.items()
                  if content is None or content != other.content(name)]
    if write:
        for who, result in found.items():
            if result not in block.get(who, '').split('\n'):
                block[who] = result
        if block['ours'] == block.get('theirs'):
            del block['ours']
            block.pop('because', None)
        return wrong
    if 'ours' in block and 'because' not in block:
        wrong.append('a difference without a reason')
    for who, result in found.items():
        listed = block.get(who, block.get('theirs'))
        if result not in listed.split('\n'):
            wrong.append('%s: %s; the table says %s' % (who, result, listed))
    if wrong:
        wrong.append(mine.stderr.decode(errors='replace')[-600:])
    return wrong


def main():
    write = '--write' in sys.argv
    table, ours, vmcore = [arg for arg in sys.argv[1:] if arg != '--write']
    theirs = os.environ.get('MAKEDUMPFILE') or shutil.which('makedumpfile')
    blocks = read_table(table)
    failed = 0
    with tempfile.TemporaryDirectory(dir='.') as scratch:
        scratch = os.path.realpath(scratch)
        face = os.path.join(scratch, 'face')
        os.mkdir(face)
        os.symlink(os.path.realpath(ours), os.path.join(face, 'makedumpfile'))
        for block in blocks:
            wrong = check(block, theirs, os.path.join(face, 'makedumpfile'),
                          os.path.realpath(vmcore), scratch, write)
            failed += bool(wrong)
            for line in wrong:
                print('%s: %s' % (block['name'], line))
    if write:
        write_table(table, blocks)
    print('%u command lines, %u failed%s' % (
        len(blocks), failed, '' if theirs else '; no makedumpfile to run beside'))
    sys.exit(bool(failed))


main()
