#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Headers of a DISKDUMP that lead anywhere: what libkdumpfile makes of them ends the program in order.
. "$SRCDIR/tests/cli/functions"
need python3

python3 - <<'PYTHON' >damaged || fail "ended by a signal, or too late"
import os, random, struct, subprocess
random.seed(5)
# The library asks for as much memory as a header says, and takes no for an answer.
options = os.environ.get('ASAN_OPTIONS', '') + ':allocator_may_return_null=1'
environment = dict(os.environ, ASAN_OPTIONS=options.lstrip(':'))
fields = range(424, 464, 4)  # status to nr_cpus
values = (0, 1, 2, 16, 4096, 65536, 0x7fffffff, 0xffffffff)
for number in range(100):
    dump = bytearray(1 << 16)
    dump[:8] = b'DISKDUMP'
    struct.pack_into('<i', dump, 8, random.choice((0, 1, 2, 3, 6)))
    for text, offset in ((b'Linux', 12), (b'2.6.9-1', 142), (b'#1', 207), (b'x86_64', 272)):
        dump[offset:offset + len(text)] = text
    for offset in fields:
        struct.pack_into('<I', dump, offset, random.choice((*values, random.getrandbits(32))))
    if number % 2:
        struct.pack_into('<II', dump, 428, 4096, 1)  # block_size, sub_hdr_size
    for _ in range(random.randrange(40)):
        dump[random.randrange(4096, len(dump))] = random.randrange(256)
    open('dump', 'wb').write(dump)
    ended = subprocess.run([os.environ['VMCULL'], 'info', 'dump'], capture_output=True, timeout=20,
                           env=environment)
    assert ended.returncode == 1 and b'vmcull: dump: ' in ended.stderr, (number, ended)
    print(number)
PYTHON
[ "$(wc -l <damaged)" = 100 ] || fail "not all were tried"
