# SPDX-License-Identifier: GPL-2.0-or-later
"""What is measured: programs in parts, whose runs alternate, and the ratios that come of them.

Bounds are of the lab's dumps on x86_64: what a filter that stands on the codec's own speed has to
reach.  None of them is a condition of anything: they are printed beside what was measured.
"""


class Run:
    """One way to call a program, by who: 'ours', 'theirs' or 'codec' (codec_floor)."""

    def __init__(self, who, codec, threads=1, options=(), rounds=None):
        self.who, self.codec, self.threads, self.options = who, codec, threads, tuple(options)
        self.rounds = rounds  # no more than so many: it takes too long

    def __str__(self):
        name = {'ours': 'vmcull', 'theirs': 'makedumpfile', 'codec': 'codec'}[self.who]
        threads = ', %d threads' % self.threads if self.threads > 1 else ''
        return '%s%s' % (' '.join([name, self.codec, *self.options]), threads)

    def key(self):
        return self.who, self.codec, self.threads, self.options


class Row:
    """over / under, of seconds of CPU and of wall time and of bytes a page, and bounds for them."""

    def __init__(self, title, over, under, of=None, **bounds):
        self.title, self.over, self.under, self.bounds = title, over, under, bounds
        self.of = of  # of a run of codec_floor: 'alone' or 'floor'


class Part:
    def __init__(self, name, runs, rows):
        self.name, self.runs, self.rows = name, runs, rows


def against_codec(name, run, alone, bound=None):
    bounds = {'cpu': bound} if bound else {}
    return [Row(name + ' / the codec alone', run, alone, of='alone', **bounds),
            Row(name + ' / read, zero test, codec, write', run, alone, of='floor')]


def zlib_part():
    libdeflate, isal, fast = Run('ours', 'libdeflate'), Run('ours', 'isal'), Run('ours', 'zstd:-1')
    theirs = Run('theirs', 'zlib')
    libdeflate_alone, isal_alone = Run('codec', 'libdeflate'), Run('codec', 'isal')
    return Part('zlib', [libdeflate, theirs, isal, fast, libdeflate_alone, isal_alone], [
        Row('zlib by libdeflate / makedumpfile', libdeflate, theirs, cpu=0.68, size=1.01),
        *against_codec('zlib by libdeflate', libdeflate, libdeflate_alone, 1.12),
        Row('zlib by ISA-L / makedumpfile', isal, theirs, cpu=0.48, size=1.03),
        *against_codec('zlib by ISA-L', isal, isal_alone, 1.12),
        Row('zstd −1 / makedumpfile\'s zlib', fast, theirs, cpu=0.30, size=1.04),
    ])


def codec_part(codec, title, against_theirs, against_alone=None):
    ours, theirs, alone = Run('ours', codec), Run('theirs', codec), Run('codec', codec)
    same = Run('ours', codec, options=['--no-checksums'])  # which makedumpfile has none of
    return Part(codec, [ours, theirs, same, alone], [
        Row(title + ' / makedumpfile', ours, theirs, **against_theirs),
        Row(title + ' without checksums / makedumpfile', same, theirs),
        *against_codec(title, ours, alone, against_alone),
    ])


def none_part():
    ours, theirs, alone = Run('ours', 'none'), Run('theirs', 'none'), Run('codec', 'none')
    ours_dry = Run('ours', 'none', options=['--dry-run'])
    theirs_dry = Run('theirs', 'none', options=['--dry-run'])
    same = Run('ours', 'none', options=['--no-checksums'])
    return Part('none', [ours, theirs, same, ours_dry, theirs_dry, alone], [
        Row('none / makedumpfile', ours, theirs, cpu=0.80),
        Row('none without checksums / makedumpfile', same, theirs),
        against_codec('none', ours, alone)[1],
        Row('none, dry run / makedumpfile', ours_dry, theirs_dry),
    ])


def threads_part():
    part = Part('threads', [], [])
    for codec, their_codec, title, wall in [('libdeflate', 'zlib', 'zlib by libdeflate', 0.60),
                                            ('zstd', 'zstd', 'zstd-1', 0.60),
                                            ('lzo', 'lzo', 'lzo', 0.70)]:
        one, two = Run('ours', codec), Run('ours', codec, threads=2)
        theirs = Run('theirs', their_codec, threads=2, rounds=3)
        part.runs += [one, two, theirs]
        part.rows += [Row(title + ', 2 threads / 1 thread', two, one, cpu=1.10, wall=wall),
                      Row(title + ', 2 threads / makedumpfile', two, theirs, wall=0.05)]
    return part


def auto_part():
    auto, lzo, zstd = Run('ours', 'auto'), Run('theirs', 'lzo'), Run('theirs', 'zstd')
    return Part('auto', [auto, lzo, zstd], [
        Row('auto / makedumpfile\'s lzo', auto, lzo),
        Row('auto / makedumpfile\'s zstd-1', auto, zstd),
    ])


def compact_part():
    plain, compact = Run('ours', 'lzo'), Run('ours', 'lzo', options=['--compact-map'])
    # which is what --small stands for
    small, theirs = Run('ours', 'zstd:3', options=['--compact-map']), Run('theirs', 'zstd')
    return Part('compact', [plain, compact, small, theirs], [
        Row('lzo --compact-map / lzo', compact, plain),
        Row('zstd-3 --compact-map / makedumpfile\'s zstd-1', small, theirs),
    ])


PARTS = [
    zlib_part(),
    codec_part('lzo', 'lzo', {'cpu': 0.88, 'size': 1.00}, 1.40),
    codec_part('zstd', 'zstd-1', {'cpu': 0.93, 'size': 1.00}, 1.13),
    codec_part('snappy', 'snappy', {}),
    none_part(),
    auto_part(),
    compact_part(),
    threads_part(),
]

# Peaks of anonymous memory, at most MEMORY_BASE and MEMORY_THREAD for each thread.
MEMORY_BASE, MEMORY_THREAD = 16 << 20, 1 << 20
MEMORY_RUNS = [
    *[Run('ours', codec)
      for codec in ('lzo', 'libdeflate', 'isal', 'zstd', 'zstd:9', 'auto', 'none')],
    *[Run('ours', codec, threads=threads) for codec in ('lzo', 'zstd') for threads in (2, 8)],
    Run('theirs', 'lzo'),
]
# How pages lie in the machine of 1 TiB (tests/cli/made_map.py).
TERABYTE_KINDS = ('free', 'ordinary', 'fragmented', 'alternating')
