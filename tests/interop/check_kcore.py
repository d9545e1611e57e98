#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check_kcore.py FOLDER: what vmcull said of /proc/kcore (see kcore.bash), against the guest."""
import collections
import json
import re
import sys

MOVED = 4096    # pages that may change hands while the programs run


def read(folder, name):
    with open('%s/kcore-%s' % (folder, name)) as file:
        return file.read()


def zones(text):
    """{(node, zone): {free, spanned, present, managed}}"""
    found = {}
    for node, zone, body in re.findall(
            r'^Node (\d+), zone +(\w+)\n(.*?)(?=^Node|\Z)', text, re.M | re.S):
        numbers = {name: int(value) for name, value in
                   re.findall(r'^ +(?:pages )?(free|spanned|present|managed) +(\d+)', body, re.M)}
        if numbers.get('spanned'):
            found[int(node), zone] = numbers
    return found


def check_usage(text, audit, guest):
    """makedumpfile --mem-usage, against the audit before it, which knows as much, and the guest's
    own counters of free pages around both: what the audit took itself is free after it."""
    rows = {name: int(pages) for name, pages in
            re.findall(r'^([A-Z_]+)\t+(\d+) *\t+(?:yes|no)\t', text, re.M)}
    pages = collections.Counter({state['state']: state['pages'] for state in audit['states']})
    free = [pages['free'] + pages['free-pcp'] + pages['unaccepted'], *guest]
    wanted = {'USER': [pages['anon'] + pages['hugetlb']], 'NON_PRI_CACHE': [pages['cache']],
              'PRI_CACHE': [pages['cache-private']], 'FREE': free}
    errors = []
    for name, seen in wanted.items():
        print('usage   %-13s %d pages, of others %s' % (name, rows.get(name, -1), seen))
        if name not in rows or not min(seen) - MOVED <= rows[name] <= max(seen) + MOVED:
            errors.append('--mem-usage: %s of %s, not as %s' % (rows.get(name), name, seen))
    return errors


def check_log(ours, guests):
    """The log of the kernel that runs: what dmesg printed just before is in it."""
    def bare(line):     # each prints other times in front of all but the first line of a record
        return re.sub(r'^\[ *[0-9.]+\] ?', '', line).strip()

    lines = set(map(bare, ours.splitlines()))
    missing = [line for line in guests.splitlines() if bare(line) not in lines]
    print('dmesg   %d lines, of the guest %d' % (len(lines), len(guests.splitlines())))
    return ['dmesg: %d lines are missing: %r' % (len(missing), missing[:3])] if missing else []


def main(folder):
    errors = []
    before, after = (zones(read(folder, 'zoneinfo-' + when)) for when in ('before', 'after'))
    for name in ('json', 'fast', 'no-btf', 'zero', 'ranges', 'text', 'estimate', 'explain',
                 'usage', 'dmesg'):
        if int(read(folder, name + '.status')):
            errors.append('%s: status %s: %s' % (name, read(folder, name + '.status').strip(),
                                                 read(folder, name + '.err')
                                                 if name != 'text' else read(folder, 'text')))
    for name in ('json', 'fast', 'no-btf', 'zero'):
        audit = json.loads(read(folder, name))
        if not audit['dump']['running']:
            errors.append(name + ': is not told to be of a running machine')
        severe = [f for f in audit['findings'] if f['severity'] != 'note']
        if severe:
            errors.append('%s: %s' % (name, severe))
        for zone in audit['zones']:
            key = zone['node'], zone['zone']
            if key not in before:
                errors.append('%s: there is no zone %s of node %d' % (name, key[1], key[0]))
                continue
            states = {s['state']: s['pages'] for s in zone['states']}
            low = min(before[key]['free'], after[key]['free']) - MOVED
            high = max(before[key]['free'], after[key]['free']) + MOVED
            print('%-7s node %d %-8s free %d, the guest says %d and then %d' % (
                name, *key, states['free'], before[key]['free'], after[key]['free']))
            if not low <= states['free'] <= high:
                errors.append('%s: %s free pages in %s' % (name, states['free'], key))
            if zone['spanned_pages'] != before[key]['spanned'] or \
                    zone['managed_pages'] not in (before[key]['managed'], None):
                errors.append('%s: sizes of %s' % (name, key))
        notes = sorted(f['name'] for f in audit['findings'])
        print('%-7s notes: %s' % (name, ' '.join(notes) or 'none'))
    for row in json.loads(read(folder, 'estimate'))['estimates']:
        print('estimate of level %d: %d pages, %d bytes' % (row['level'], row['pages'],
                                                            row['bytes']))
        if not 0 < row['bytes'] < row['pages'] * 4096:
            errors.append('estimate: %s' % row)
    errors += check_usage(read(folder, 'usage'), json.loads(read(folder, 'no-btf')),
                          [sum(zone['free'] for zone in all_zones.values())
                           for all_zones in (before, after)])
    errors += check_log(read(folder, 'dmesg'), read(folder, 'dmesg-guest'))
    print('pfn 4096 is', json.loads(read(folder, 'explain'))['pages'][0]['page']['state'])
    end = 0
    for line in read(folder, 'ranges').splitlines():
        run = json.loads(line)
        if run['pfn'] != end:
            errors.append('ranges: pfn %d follows %d' % (run['pfn'], end))
        end = run['pfn'] + run['count']
    for error in errors:
        print('ERROR:', error)
    print('%d pages, %d errors' % (end, len(errors)))
    return 1 if errors or not end else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
