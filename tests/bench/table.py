# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints what was measured, for eyes or as Markdown."""

NAMES = {'cpu': 'CPU', 'wall': 'wall', 'size': 'size', 'bytes': 'bytes',
         'classification': 'classification'}


def spread_text(spread):
    text = '%.3f' % spread['median']
    if spread['runs'] > 1:
        text += ' (%.3f to %.3f)' % (spread['low'], spread['high'])
    return text


def bounds_text(bounds):
    return ', '.join('%s ≤ %.2f' % (NAMES[what], bound) for what, bound in bounds.items())


def verdict(row):
    if not row['bounds']:
        return ''
    return 'missed: ' + ', '.join(NAMES[what] for what in row['missed']) if row['missed'] else 'met'


def ratio_lines(rows):
    yield 'CPU time, wall time and bytes a page of', 'CPU', 'wall', 'size', 'bound', ''
    for row in rows:
        if 'skipped' not in row:
            yield (row['row'], spread_text(row['cpu']), spread_text(row['wall']),
                   '%.3f' % row['size'] if 'size' in row else '', bounds_text(row['bounds']),
                   verdict(row))


def run_lines(runs):
    yield 'what it took', 'CPU s', 'wall s', 'bytes', 'pages'
    for run in runs:
        yield (run['run'], spread_text(run['cpu']), spread_text(run['wall']),
               '{:,}'.format(run['bytes']) if 'bytes' in run else '',
               '{:,}'.format(run['pages']) if 'pages' in run else '')


def memory_lines(rows):
    yield 'anonymous memory, peak', 'MiB', 'bound', ''
    for row in rows:
        if 'skipped' in row:
            continue
        bound = row.get('bound')
        yield (row['run'], '%.1f' % (row['peak'] / 2**20),
               '≤ %d' % (bound >> 20) if bound else '',
               '' if not bound else 'met' if row['peak'] <= bound else 'missed')


def capture_lines(rows):
    yield ('in the capture kernel', 'user s', 'system s', 'wall s', 'bytes', 'pages',
           'classified after s', 'resident MiB')
    for row in rows:
        yield (row['name'], '%.2f' % row['cpu_user'], '%.2f' % row['cpu_sys'],
               '%.2f' % row['wall'], '{:,}'.format(row['bytes']), '{:,}'.format(row['pages']),
               '%.2f' % row['classification'] if 'classification' in row else '',
               '%.1f' % (row['resident_kib'] / 1024) if 'resident_kib' in row else '')


def capture_ratio_lines(rows):
    yield 'one run of', 'classification', 'CPU', 'wall', 'bytes', 'bound', ''
    for row in rows:
        yield (row['row'], *('%.3f' % row[what] if what in row else ''
                             for what in ('classification', 'cpu', 'wall', 'bytes')),
               bounds_text(row['bounds']), verdict(row))


def print_plain(lines):
    lines = list(lines)
    widths = [max(map(len, column)) for column in zip(*lines)]
    print()
    for line in lines:
        print('  '.join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def print_markdown(lines):
    print()
    for number, line in enumerate(lines):
        print('| ' + ' | '.join(line) + ' |')
        if number == 0:
            print('|-' * len(line) + '|')


def print_list(items, markdown):
    if items:
        print()
    for item in items:
        print('* ' + item if markdown else item)


def left_out(rows, name):
    for row in rows:
        if 'skipped' in row:
            yield 'Left out: %s (%s)' % (row[name], row['skipped'])


def remarks(dump):
    if dump['load'] > dump['cpus'] / 2:
        yield ('Other work was running (load %.1f on %d CPUs): wall times are not to be trusted.'
               % (dump['load'], dump['cpus']))
    yield from left_out(dump['rows'], 'row')
    yield from left_out(dump['memory'], 'run')
    pages = {run['pages'] for run in dump['runs'] if 'pages' in run}
    if len(pages) > 1:
        yield ('The programs keep different pages (%s): sizes are compared by page.'
               % ' and '.join('{:,}'.format(count) for count in sorted(pages)))
    if dump['runs_that_read_a_disk']:
        yield '%d runs read from a disk: wall times are not to be trusted.' % (
            dump['runs_that_read_a_disk'])


def print_report(report, markdown):
    show = print_markdown if markdown else print_plain
    print_list(report['about'], False)
    for dump in report['dumps']:
        print('\n%s%s: %.1f GiB, %s pages kept at level 31' % (
            '## ' if markdown else '== ', dump['dump'], dump['bytes'] / 2**30,
            '{:,}'.format(dump['pages_kept'])))
        for lines, what in ((ratio_lines, 'rows'), (run_lines, 'runs'), (memory_lines, 'memory')):
            if dump[what]:
                show(lines(dump[what]))
        print_list(list(remarks(dump)), markdown)
    if report['terabyte']:
        print('\n%sMachines of 1 TiB, one thread' % ('## ' if markdown else '== '))
        show(memory_lines(report['terabyte']))
        print_list(list(left_out(report['terabyte'], 'run')), markdown)
    for guest in report['capture']:
        print('\n%sA guest of %s, %s' % ('## ' if markdown else '== ', guest['memory'],
                                        guest['kind']))
        if 'skipped' in guest:
            print('\nLeft out: ' + guest['skipped'])
        else:
            show(capture_lines(guest['rows']))
            show(capture_ratio_lines(guest['ratios']))
