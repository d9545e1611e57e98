#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""summary.py TESTS.xml: "PASSED FAILED SKIPPED" of a run of ctest, on standard output; what failed and
why, and what was skipped and why, on standard error."""
import sys
import xml.etree.ElementTree as xml

FAILED_LINES = 200
counts = {'passed': 0, 'failed': 0, 'skipped': 0}
for case in xml.parse(sys.argv[1]).getroot().iter('testcase'):
    lines = (case.findtext('system-out') or '').rstrip().splitlines()
    status = case.get('status')
    if status == 'run':
        counts['passed'] += 1
    elif case.find('skipped') is not None and 'SKIP' in (case.find('skipped').get('message') or ''):
        counts['skipped'] += 1
        print('skipped', case.get('name') + ':', lines[-1] if lines else '', file=sys.stderr)
    else:
        counts['failed'] += 1
        print('FAILED', case.get('name'), file=sys.stderr)
        for line in lines[-FAILED_LINES:]:
            print('   ', line, file=sys.stderr)
print(*counts.values())
