#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""report.py FOLDER: writes FOLDER/matrix.md of the results there, and prints it."""
import glob
import json
import os
import sys


def line(result):
    """One result in words."""
    text = '%(kernel)s %(workload)s: %(passed)d cells passed, %(failed)d failures' % result
    if 'outputs' not in result:
        return text
    text += ', %(captured)d of them in the capture kernel, %(outputs)d different outputs, ' \
        '%(compared)d pages read by libkdumpfile' % result
    if isinstance(result['drgn'], dict):
        return text + '; by drgn %(excluded)d left out, %(owned)d owned by the kernel, %(wrong)d ' \
            'wrong' % result['drgn']
    return text + '; drgn: ' + result['drgn']


def cell(result):
    if not result:
        return '–'
    return ('**%(failed)d failed**, %(passed)d' if result['failed'] else '%(passed)d') % result


def read_results(folder):
    results = {}
    for path in glob.glob(os.path.join(folder, '*.*.json')):
        with open(path) as file:
            result = json.load(file)
        results[result['workload'], result['kernel']] = result
    return results


def table(head, rows):
    yield '| ' + ' | '.join(head) + ' |'
    yield '|-' * len(head) + '|'
    for row in rows:
        yield '| ' + ' | '.join(row) + ' |'


def lines_of(results, kernels, workloads):
    yield '# Kernels and workloads'
    yield ''
    yield 'Cells that passed: ways to filter one dump, in the capture kernel and here.'
    yield ''
    yield from table(['', *kernels], ([workload, *(
        cell(results.get((workload, kernel))) for kernel in kernels)] for workload in workloads))
    yield ''
    yield 'Pages left out, of which by drgn had to be kept, of all different outputs:'
    yield ''
    yield from table(['', *kernels], ([workload, *(
        drgn_cell(results.get((workload, kernel))) for kernel in kernels)] for workload in workloads))
    yield ''
    total = results.values()
    judged = [r['drgn'] for r in total if isinstance(r.get('drgn'), dict)]
    yield '%d dumps, %d cells passed, %d failures; %d pages left out and judged by drgn, %d wrong.' % (
        len(results), sum(r['passed'] for r in total), sum(r['failed'] for r in total),
        sum(d['excluded'] for d in judged), sum(d['wrong'] for d in judged))
    for result in total:
        for error in result.get('errors', ()):
            yield ''
            yield '    %s %s: %s' % (result['kernel'], result['workload'],
                                     error.replace('\n', '\n    '))


def drgn_cell(result):
    if not result or not isinstance(result.get('drgn'), dict):
        return '–'
    return '%(excluded)d, %(wrong)d' % result['drgn']


def write(folder, kernels, workloads):
    with open(os.path.join(folder, 'matrix.md'), 'w') as file:
        file.writelines(text + '\n' for text in lines_of(read_results(folder), kernels, workloads))


if __name__ == '__main__':
    found = read_results(sys.argv[1])
    write(sys.argv[1], sorted({pair[1] for pair in found}), sorted({pair[0] for pair in found}))
    print(open(os.path.join(sys.argv[1], 'matrix.md')).read(), end='')
