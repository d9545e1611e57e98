#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""matrix.py KERNEL WORKLOAD | day: a part of the matrix of kernels, workloads, levels, codecs, threads.

Boots the kernel, lets the workload fill its memory, and crashes it.  The capture kernel filters
/proc/vmcore in a few ways and copies it; then the copy is filtered in many.  A cell passes when the
filter ends well; keeps the pages that by their states are to be kept; `vmcull verify --against` and
libkdumpfile find the bytes of the copy; no page was left out that by drgn is the kernel's (where there
is a vmlinux; see proof.py); and the number of threads does not change a byte.  What was written in the
capture kernel has to equal what the same program writes here, and what the guest said of its pages
(/proc/kpageflags) must not contradict the states.

day: the pair of the day, or of $VMCULL_CI_SEED.  The results go to --results, in matrix.md all that
are there.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'interop'))

import compare_kpageflags
import ours
import cells
import report
import truth
from labkit.paths import work_folder

SKIPPED, NOT_OFFERED = 77, 3
KERNELS = ('k61', 'k612', 'k618', 'k72', 'k73')
# On a busy machine emulated kernels lose timer interrupts and die at once, or take their time.  A day
# has other kernels to try; that a kernel can be dumped at all is for the tests of the label lab.
TRIES = ('--tries', '8', '--timeout', '400')
TRIES_OF_DAY = ('--tries', '3', '--timeout', '150')
PAIRS_OF_DAY = 2
LAB = os.path.join(ours.SOURCE, 'testdata', 'lab', 'lab')
UNKNOWN = 0.001     # of all pages
# What a workload asks of the machine.
WORKLOADS = {
    'idle': [], 'cache': [], 'user': [], 'slab': [], 'shmem': [], 'frag': [], 'swap': [],
    'vmalloc': [],
    'hugetlb': ['--append', 'hugetlb_free_vmemmap=on'],
    'gone': [],
    'std': ['--balloon', '64'],
}


class Failed(Exception):
    pass


class NoDump(Exception):
    pass


def run(command, **more):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **more)


def boot(kernel, workload, name, program, tries):
    """Takes the dump; what the capture kernel wrote is in scratch.img beside it."""
    commands = ['ulimit -d 32768']
    for cell in cells.IN_CAPTURE:
        commands.append('vmcull filter --quiet %s /proc/vmcore /scratch/%s' % (
            ' '.join(cells.options_of(*cell)), cells.name_of(*cell)))
    done = run([LAB, 'make', kernel, '--name', name, '--workload', workload, *WORKLOADS[workload],
                *tries, '--scratch', '1200M', '--add', program + ':bin/vmcull',
                '--run-in-capture', ' && '.join(commands)])
    if done.returncode == NOT_OFFERED:
        raise NoDump('%s: Debian no longer offers this kernel' % kernel)
    if done.returncode:
        wrong = 'the lab made no vmcore: status %d: %s' % (done.returncode, done.stdout[-2000:])
        raise NoDump(wrong) if tries is TRIES_OF_DAY else Failed(wrong)


def read(path):
    with open(path, errors='replace') as file:
        return file.read()


def compare_captured(folder, program, scratch):
    """Names of cells of the capture kernel that are as they should be, and what is wrong."""
    passed, errors = [], []
    if read(os.path.join(folder, 'capture', 'run.rc')).strip() != '0':
        return passed, ['capture kernel: ' + read(os.path.join(folder, 'capture', 'run.err'))[-500:]]
    inside, outside = os.path.join(scratch, 'inside'), os.path.join(scratch, 'outside')
    for cell in cells.IN_CAPTURE:
        name = cells.name_of(*cell)
        run(['debugfs', '-R', 'dump /%s %s' % (name, inside), os.path.join(folder, 'scratch.img')],
            check=True)
        run([program, 'filter', '-q', '-f', *cells.options_of(*cell),
             os.path.join(folder, 'vmcore'), outside], check=True, timeout=cells.HANG)
        if os.path.getsize(inside) and run(['cmp', inside, outside]).returncode == 0:
            passed.append('capture kernel: ' + name)
        else:
            errors.append('capture kernel: %s: not as outside' % name)
        os.unlink(inside)
        os.unlink(outside)
    return passed, errors


def new_judge(vmcore):
    """(judge or None, why there is none)"""
    release = ours.info_json(vmcore)['kernel']['release']
    vmlinux = truth.find_vmlinux(release)
    if not vmlinux:
        return None, 'no vmlinux of %s' % release
    try:
        import proof
    except SystemExit:
        return None, 'no drgn'
    return proof.Judge(vmcore, vmlinux), None


def room():
    """In memory where a dump of the lab fits."""
    try:
        found = os.statvfs('/dev/shm')
    except OSError:
        return None
    return '/dev/shm' if found.f_bavail * found.f_frsize > 4 << 30 else None


def contradictions(guest):
    """Of what the guest said.  A few pages may be unknown to us, and are kept: 6.12 spoils some when
    it makes a pool of hugetlb smaller whose memory map was given back ("Bad page state")."""
    unknown = [page for page in guest.errors if page[1][2] == 'unknown']
    if len(unknown) <= UNKNOWN * guest.total:
        guest.errors = [page for page in guest.errors if page not in unknown]
    return ['kpageflags: pfn %x: %s, %s' % (pfn, run[2], text) for pfn, run, text in guest.errors]


def examine(args, folder, result):
    vmcore = os.path.join(folder, 'vmcore')
    errors, passed = [], []
    all_pages = ours.Pages(vmcore)
    with tempfile.TemporaryDirectory(prefix='vmcull-matrix-', dir=room()) as scratch:
        if os.path.exists(os.path.join(folder, 'scratch.img')):
            passed, errors = compare_captured(folder, args.capture_program, scratch)
        guest = compare_kpageflags.Comparison(vmcore, truth.find_folder(vmcore), all_pages)
        errors += contradictions(guest)
        judge, why = new_judge(vmcore)
        all_cells = cells.Cells(vmcore, scratch, all_pages, judge)
        for policy, codec in cells.choose(ours.vmcull(), args.cells, args.seed):
            all_cells.run(policy, codec)
    errors += all_cells.errors
    if judge and judge.notes:
        errors.append('not followed: %s' % judge.notes)
    result.update(
        passed=len(passed) + len(all_cells.passed), failed=len(errors), errors=errors[:20],
        captured=len(passed), outputs=all_cells.outputs, compared=all_cells.pages_compared,
        guest={'pages': guest.total, 'drift': sum(map(len, guest.drift.values())),
               'errors': len(guest.errors)}, drgn=why or {
            'excluded': all_cells.excluded, 'owned': bin(judge.owned).count('1'),
            'wrong': all_cells.wrong, 'not followed': judge.notes})
    return errors


def one_pair(args, kernel, workload):
    started = time.monotonic()
    name = 'matrix-%s-%s' % (kernel, workload)
    folder = os.path.join(work_folder(), 'out', name)
    result = {'kernel': kernel, 'workload': workload, 'seed': args.seed, 'cells': args.cells or 'all'}
    try:
        if not (args.use and os.path.exists(os.path.join(folder, 'vmcore'))):
            shutil.rmtree(folder, ignore_errors=True)
            boot(kernel, workload, name, args.capture_program, args.tries)
        run([LAB, 'dbg', kernel])
        result['boot'] = round(time.monotonic() - started)
        errors = examine(args, folder, result)
    except NoDump as error:
        print('SKIPPED %s %s: %s' % (kernel, workload, error))
        return SKIPPED
    except Exception as error:      # whatever it is, it has to be in the report
        errors = ['%s: %s' % (type(error).__name__, error)]
        result.update(passed=0, failed=1, errors=errors)
    result['seconds'] = round(time.monotonic() - started)
    os.makedirs(args.results, exist_ok=True)
    with open(os.path.join(args.results, '%s.%s.json' % (kernel, workload)), 'w') as file:
        json.dump(result, file, indent=1)
    report.write(args.results, KERNELS, WORKLOADS)
    if not errors and not args.keep:
        shutil.rmtree(folder)
    for error in errors[:20]:
        print('ERROR: ' + error)
    print(report.line(result))
    return 1 if errors or not result['passed'] else 0


def of_the_day(seed):
    """Another kernel each day, and of 55 days no pair twice; then what is tried where Debian no longer
    offers that kernel."""
    names, at = list(WORKLOADS), seed % len(KERNELS)
    return [(kernel, names[seed % len(names)]) for kernel in KERNELS[at:] + KERNELS[:at]]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('pair', nargs='+', metavar='KERNEL WORKLOAD | day')
    parser.add_argument('--program', help='default: $VMCULL, or the one in build/')
    parser.add_argument('--capture-program', metavar='PROGRAM',
                        help='the one for the capture kernel; the same where it is not there')
    parser.add_argument('--results', default=os.path.join(ours.SOURCE, 'build', 'matrix'))
    parser.add_argument('--cells', type=int, default=0, metavar='N',
                        help='so many pairs of policy and codec, by chance; each with all threads')
    parser.add_argument('--seed', type=int,
                        default=int(os.environ.get('VMCULL_CI_SEED') or time.time() // 86400))
    parser.add_argument('--use', action='store_true', help='the dump that is there, if one is')
    parser.add_argument('--keep', action='store_true', help='keep the dump when all is well')
    args = parser.parse_args()
    if args.program:
        os.environ['VMCULL'] = os.path.abspath(args.program)
    if not args.capture_program or not os.path.exists(args.capture_program):
        args.capture_program = ours.vmcull()
    args.capture_program = os.path.abspath(args.capture_program)
    day = args.pair == ['day']
    pairs = of_the_day(args.seed)[:PAIRS_OF_DAY] if day else [args.pair]
    args.tries = TRIES_OF_DAY if day else TRIES
    if len(pairs[0]) != 2 or pairs[0][1] not in WORKLOADS:
        parser.error('the workloads are: ' + ' '.join(WORKLOADS))
    for pair in pairs:
        status = one_pair(args, *pair)
        if status != SKIPPED:
            break
    return status


if __name__ == '__main__':
    sys.exit(main())
