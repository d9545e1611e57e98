# SPDX-License-Identifier: GPL-2.0-or-later
"""Numbers of several runs: their middle, and how far they spread."""
import statistics


class Spread:
    """Median and quartiles; of fewer than four numbers the least and the greatest."""

    def __init__(self, numbers):
        numbers = sorted(numbers)
        self.count = len(numbers)
        self.median = statistics.median(numbers)
        self.low, self.high = numbers[0], numbers[-1]
        if self.count >= 4:
            self.low, _, self.high = statistics.quantiles(numbers, n=4, method='inclusive')

    def __str__(self):
        if self.count == 1 or self.low == self.high:
            return '%.3f' % self.median
        return '%.3f (%.3f to %.3f)' % (self.median, self.low, self.high)

    def json(self):
        return {'median': self.median, 'low': self.low, 'high': self.high, 'runs': self.count}


def paired(over, under, what):
    """Ratios of runs that were made one after the other, of cpu or wall."""
    pairs = [(getattr(a, what), getattr(b, what)) for a, b in zip(over, under)]
    return Spread([a / b for a, b in pairs if b > 0] or [float('nan')])
