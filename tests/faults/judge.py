# SPDX-License-Identifier: GPL-2.0-or-later
"""Is what a run left behind one of the things that it may leave?"""
import collections
import difflib
import hashlib
import itertools
import os
import re
import subprocess

import dumps

UNIT = 1 << 20      # bytes of pages that are written at once
EXTERNAL_MAX = 25   # so many incomplete files of a scenario are opened by other programs

# What a run may end in.
SAME = 'same'               # a: success, and all is as without a fault
LOST = 'lost'               # a: done, with pages that could not be read, which it says
TOLD = 'told'               # a: the files are right, and it says what else failed
REFUSED = 'refused'         # b: says why it failed, and left nothing
INCOMPLETE = 'incomplete'   # c: an incomplete file which has what was saved
UNENDED = 'unended'         # a stream that lacks its end mark
OUTCOMES = (SAME, LOST, TOLD, REFUSED, INCOMPLETE, UNENDED)

# What no two runs have in common.
VOLATILE = re.compile(
    r'[0-9.]+ ?(?:s|ms|[kKMGT]i?B/s)\b|"(?:[a-z_]*seconds[a-z_]*|threads[a-z_]*|memory[a-z_]*)": *[0-9.e-]+|'
    r'no facts from [^"]*|'     # the context of an error, for which there may be no memory
    r'[0-9]+ threads?|elapsed[^\n]*|"bytes_per_second": *[0-9.]+')

UNREADABLE = 'cannot be read|could not be read|unreadable'

Left = collections.namedtuple('Left', 'status signal files out err written fault')


class Wrong(Exception):
    """The run left something that it must not leave."""


def digest(data):
    return hashlib.blake2b(data, digest_size=16).digest()


def same_text(scenario, left, right):
    if scenario.name == 'estimate':     # tells of time and of the disk
        return re.sub(rb'[0-9.]+', b'', left) == re.sub(rb'[0-9.]+', b'', right)
    texts = [VOLATILE.sub('', text.decode('utf-8', 'replace')) for text in (left, right)]
    return texts[0] == texts[1]


def half_described(dump, pfn, clean):
    """The disk was full in the middle of a descriptor: the page is there, its checksum is not."""
    page, right = dump.pages[pfn], clean.pages[pfn]
    return page.about == (right.about[0], 0) and (
        dump.data[page.start:page.end] == clean.data[right.start:right.end])


class Judge:
    def __init__(self, scenario, clean, program, compare, source):
        self.scenario, self.clean = scenario, clean
        self.program, self.compare, self.source = program, compare, source
        self.parsed = {name: dumps.parse(data) for name, data in clean.files.items()
                       if data[:8] == b'KDUMP   ' or data[:4] == b'\x7fELF'}
        self.saved = {name: dumps.Saved(dump, UNIT // dumps.BLOCK) for name, dump in self.parsed.items()}
        self.seen = {}
        self.opened = 0

    def __call__(self, left):
        """What it is; raises Wrong."""
        killed = left.fault.action == 'kill'
        if left.fault.action == 'term' and left.signal == 15 and not left.files:
            return REFUSED      # before it has a handler
        if b'Sanitizer' in left.err or b'runtime error:' in left.err or left.status == 99:
            raise Wrong('found by a sanitizer')
        if left.signal and not (killed and left.signal == 9):
            raise Wrong(f'killed by signal {left.signal}')
        outcome = self.stream(left) if self.scenario.stream else self.files(left)
        if outcome != SAME and not killed and not self.said(left):
            raise Wrong('it says nothing')
        return outcome

    def said(self, left):
        """What it says that it does not say without a fault."""
        told = left.out.decode('utf-8', 'replace')
        if self.scenario.command[0] == 'verify' and left.status and left.out != self.clean.out:
            return True
        if 'out of memory' in told or not self.scenario.outputs and re.search(UNREADABLE + '|"error": "', told):
            return True
        return [line for line in left.err.splitlines() if line.strip() and line not in self.clean.err.splitlines()]

    def done(self, left):
        """Does its status say that all is well?"""
        return not left.signal and left.status == self.clean.status

    def stream(self, left):
        if left.files:
            raise Wrong(f'it left {sorted(left.files)}')
        if left.out == self.clean.out:
            return SAME if self.done(left) else TOLD
        image, ended = dumps.unflatten(left.out) if left.out else (b'', False)
        if ended and self.done(left) and left.fault.kind == 'alloc' and (
                self.uncompressed(image, dumps.unflatten(self.clean.out)[0])):
            return SAME
        if ended and left.status in (1, 3):
            return self.check_lost(dumps.parse(image), dumps.parse_stream(self.clean.out), left)
        if self.done(left) or ended:
            raise Wrong('the stream is another one, and it does not say so')
        return UNENDED if left.out else REFUSED

    def files(self, left):
        finals = set(self.scenario.outputs) & set(left.files)
        others = set(left.files) - finals
        if others - {name + '.incomplete' for name in self.scenario.outputs}:
            raise Wrong(f'it left {sorted(others)}')
        right = {name for name in finals if left.files[name] == self.clean.files.get(name)}
        if self.done(left):
            return self.success(left, right, others)
        if not left.files:
            return self.nothing(left)
        if all(left.files[name] == self.clean.files[name.removesuffix('.incomplete')] for name in left.files):
            return TOLD         # all is there, if not under its name
        for name in sorted(set(left.files) - right):
            outcome = self.unfinished(name, left)
        return outcome if finals != right or others else INCOMPLETE

    def uncompressed(self, data, clean):
        """The same pages, of which some are stored as they are: there was no memory to compress them.  Or
        the checksums of headers found no room behind them."""
        dump, clean = dumps.parse(data), dumps.parse(clean)
        return not dump.incomplete and dump.numbers == clean.numbers and all(
            dump.same(pfn, clean) or (dump.pages[pfn].about[0] == 0 and dump.raw(pfn)) for pfn in dump.pages)

    def stored(self, dump, pfn, left):
        """As it is, for want of memory to compress it; open() then looks at its bytes."""
        return left.fault.kind == 'alloc' and dump.pages[pfn].about[0] == 0 and dump.raw(pfn)

    def success(self, left, right, others):
        if left.fault.kind in ('alloc', 'pwrite') and not others and len(left.files) == len(self.scenario.outputs):
            for name in set(left.files) - right:
                if name in self.parsed and self.uncompressed(left.files[name], self.clean.files[name]):
                    self.open(name, left, [name])
                    right.add(name)
        if not self.parsed and not others and self.said(left):
            return TOLD             # a text with gaps
        if len(right) < len(self.scenario.outputs) or others:
            raise Wrong(f'status {left.status}, but of {self.scenario.outputs} only {sorted(right)} are '
                        f'right, and there are {sorted(others)}')
        if not same_text(self.scenario, left.out, self.clean.out):
            if self.said(left):
                return TOLD
            texts = [VOLATILE.sub('', text.decode('utf-8', 'replace')).splitlines()
                     for text in (self.clean.out, left.out)]
            raise Wrong('another report, and nothing is said of it:\n' +
                        '\n'.join(itertools.islice(difflib.unified_diff(*texts, lineterm='', n=0), 2, 12)))
        return SAME

    def nothing(self, left):
        """Nothing was left, so nothing may have been saved."""
        if self.scenario.outputs and not self.scenario.stdin and not left.signal:
            for inode, end in left.written.items():
                for saved in self.saved.values():
                    if saved.count(end):
                        raise Wrong(f'file {inode} had pages, {end}, and was thrown away')
        return REFUSED

    def unfinished(self, name, left):
        """A file that is not whole, or not like the others."""
        final = name.removesuffix('.incomplete')
        data = left.files[name]
        if data == self.clean.files.get(final):
            return TOLD             # one of several parts, which came to its end
        clean = self.parsed.get(final)
        inode = str(left.fault.inodes[name])
        if data[:12] == b'makedumpfile':
            image, ended = dumps.unflatten(data)
            if ended and name == final and left.status in (1, 3):
                return self.check_lost(dumps.parse(image), dumps.parse_stream(self.clean.files[name]), left)
            if ended:
                raise Wrong(f'{name} has an end mark')
            self.check_cut(name, data, left)
            return UNENDED
        if clean is None:           # no dump: nothing tells whether it is whole
            if name == final and left.status == 3 and self.said(left):
                return TOLD     # a report with gaps
            if name == final and not self.scenario.in_place:
                raise Wrong(f'{name} is wrong')
            return INCOMPLETE
        if self.scenario.stdin and left.signal and name != final:
            return UNENDED          # what is to be rearranged has not come to its end
        saved = self.saved[final].count(left.written.get(inode))
        try:
            dump = dumps.parse(data)
            prefix = dump.prefix_of(clean)
            missing = prefix is None and [pfn for pfn in self.saved[final].pages[:saved] if pfn not in dump.pages]
        except dumps.Malformed as error:
            if left.signal and not saved:
                return REFUSED      # killed before anything was in it
            raise Wrong(f'{name} is malformed: {error}') from error
        if left.signal and not saved and not dump.pages:
            return REFUSED          # likewise: headers are written piece by piece
        if not dump.incomplete:
            if prefix == len(clean.pages) and (left.signal or name != final):
                return TOLD         # it has all pages, and not its last name
            if left.status not in (1, 3) or left.signal or name != final:
                raise Wrong(f'{name} is another one and does not say incomplete')
            outcome = self.check_lost(dump, clean, left)
            self.open(name, left, [final])
            return outcome
        if name == final and not self.scenario.in_place:
            raise Wrong(f'{name} is incomplete')
        if prefix is None:
            self.check_pages(name, dump, clean, left)
        if self.scenario.stdin and missing and len(missing) < 8:
            missing = []            # of a stream, bits of pages come when their byte is complete
        if missing or prefix is not None and prefix < saved:
            raise Wrong(f'{name}: {saved} pages were saved, it has ' +
                        (f'not {len(missing)}' if missing else f'{prefix}'))
        self.open(name, left, [])
        return INCOMPLETE

    def check_pages(self, name, dump, clean, left):
        for pfn in dump.pages:
            if pfn in clean.pages and not dump.same(pfn, clean) and not (
                    self.stored(dump, pfn, left) or half_described(dump, pfn, clean)):
                raise Wrong(f'{name}: page {pfn} is wrong')

    def check_cut(self, name, data, left):
        """What a stream that came to no end tells of so far has to be right."""
        try:
            dump = dumps.parse_cut(data)
        except dumps.Malformed:
            return                  # it has not come to any page yet
        if dump.pages:
            clean = dumps.parse_stream(self.clean.files[name.removesuffix('.incomplete')])
            self.check_pages(name, dump, clean, left)
            self.open(name, left, [])

    def check_lost(self, dump, clean, left):
        """Pages may be missing if that is told, and others be there that are kept on doubt."""
        for pfn in dump.pages:
            if pfn in clean.pages and not dump.same(pfn, clean) and not self.stored(dump, pfn, left):
                raise Wrong(f'page {pfn} is wrong')
        missing = [pfn for pfn in clean.pages if pfn not in dump.pages]
        if not missing:
            return TOLD             # the failure was another one, which is told
        told = (left.err + left.out).decode('utf-8', 'replace')
        if not re.search(UNREADABLE, told):
            raise Wrong(f'{len(missing)} pages are missing, and it does not say so')
        wrong = [pfn for pfn in missing if left.fault.bad is not None and pfn not in left.fault.bad]
        if wrong:
            raise Wrong(f'{len(wrong)} pages are missing that can be read, {wrong[0]} first')
        return LOST

    def open(self, name, left, whole):
        """Other readers, and ours, open it, and find nothing wrong with the pages."""
        key = digest(left.files[name])
        if key in self.seen:
            return
        self.seen[key] = True
        if self.opened >= EXTERNAL_MAX:
            return
        self.opened += 1
        path = os.path.join(left.fault.folder, name)
        info = subprocess.run([self.program, 'info', '--json', path], capture_output=True, check=False)
        if info.returncode > 1 or (not whole and b'"incomplete": true' not in info.stdout):
            raise Wrong(f'{name}: info: {info.returncode}: {info.stderr.decode()}')
        verify = subprocess.run([self.program, 'verify', '--against=' + self.source, path],
                                capture_output=True, check=False)
        text = (verify.stdout + verify.stderr).decode('utf-8', 'replace')
        if verify.returncode not in (0, 3, 4) or re.search(r'^(different|damaged|checksum)', text, re.M):
            raise Wrong(f'{name}: verify: {verify.returncode}: {text}')
        if not self.compare or 'compact' in self.scenario.name or left.files[name][:12] == b'makedumpfile':
            return      # such a map, and a stream without its end, only ours read
        source = self.source
        if 'map-only' in self.scenario.name:    # it blanks what names somebody
            source = left.fault.folder + '.clean'
            with open(source, 'wb') as file:
                file.write(self.clean.files[name.removesuffix('.incomplete')])
        compare = subprocess.run([self.compare, '-n', '200', source, path], capture_output=True, check=False)
        text = (compare.stdout + compare.stderr).decode('utf-8', 'replace')
        if (compare.returncode == 2 and 'no pages' not in text) or 'different bytes' in text:
            raise Wrong(f'{name}: libkdumpfile: {text}')
