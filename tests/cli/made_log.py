#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""made_log.py FORM FILE TEXT: the ELF core of an x86_64 with a kernel log of an older form.

FORM is one of FORMS.  Into TEXT goes what "makedumpfile --dump-dmesg" prints of it.  There is as
much of a kernel as makedumpfile 1.7.8 needs to get to the log: one array of struct pages.
"""
import struct
import sys

BASE = 0xffffffff80000000       # of the image, which is mapped by pages of 2 MiB
MEMORY = 4 << 20
TOP, LOW, UTS, VARS, MEM_MAP, PGDAT, BUFFER = (
    0x4000, 0x5000, 0x6000, 0x7000, 0x8000, 0x9000, 0x40000)
NOTE, FILE = 0x1000, 0x4000

# Of each: release, name of the structure, bytes of it, with callers, bytes of the buffer
FORMS = {
    'flat': ('2.6.32-made', None, 0, False, 4096),
    'flat-wrapped': ('3.4.113-made', None, 0, False, 4096),
    'log': ('3.10.0-made', 'log', 16, False, 1 << 14),
    'printk_log': ('4.19.0-made', 'printk_log', 16, False, 1 << 14),
    'printk_log-wrapped': ('4.19.0-made', 'printk_log', 16, False, 1 << 12),
    'printk_log-caller': ('5.4.0-made', 'printk_log', 20, True, 1 << 14),
}

LINES = [
    (5, b'Linux version made', b''),
    (6, b'Command line: a\nsecond line\n  third', b''),
    (6, b'', b''),
    (3, b'tab\tand bell\x07 and escape \x1b[31m', b''),
    (7, b'pci 0000:00:1f.2: reg 0x10', b'SUBSYSTEM=pci\0DEVICE=+pci:0000:00:1f.2'),
    (30, b'systemd[1]: facility 3', b''),
]


class Made:
    def __init__(self, form):
        self.release, self.name, self.head, self.callers, self.size = FORMS[form]
        self.memory = bytearray(MEMORY)
        self.symbols = {'swapper_pg_dir': TOP, 'init_level4_pgt': TOP, 'init_uts_ns': UTS,
                        '_stext': 0, 'mem_map': MEM_MAP, 'contig_page_data': PGDAT,
                        'log_buf': VARS, 'log_buf_len': VARS + 8}
        self.keys = []
        self.expected = b''
        self.since_clear = b''
        wrapped = form.endswith('-wrapped')
        self.count = 400 if wrapped else 12
        self.cleared = 390 if wrapped else 7    # the first line since then

    def put(self, at, layout, *values):
        struct.pack_into('<' + layout, self.memory, at, *values)

    def line(self, number):
        level, text, dictionary = LINES[number % len(LINES)]
        return level, 1000 * 1000 * 1001 * number + 1999, text, dictionary

    def flat(self):
        """Lines with level and time in front of them, round and round."""
        text, cleared = b'', 0
        for number in range(self.count):
            level, time, line, _ = self.line(number)
            if number == self.cleared:
                cleared = len(text)
            # Control characters are copied by makedumpfile, and shown by us.
            line = line.replace(b'\x07', b'').replace(b'\x1b', b'')
            for part in line.split(b'\n'):
                text += b'<%d>[%5d.%06d] %s\n' % (level, time // 10**9, time % 10**9 // 1000, part)
        text += b'<4>not finished'
        for at in range(max(0, len(text) - self.size), len(text)):
            self.memory[BUFFER + at % self.size] = text[at]
        self.put(VARS + 16, 'II', len(text), len(text) - cleared)
        self.symbols.update(log_end=VARS + 16, logged_chars=VARS + 20)
        self.expected = text[-self.size:]
        self.since_clear = text[cleared:]

    def records(self):
        """Records one behind the other; where there is no room for one, a mark and it go on at the
        begin.  Those in the way are gone, the oldest first."""
        at, live = 0, []
        for number in range(self.count):
            level, time, text, dictionary = self.line(number)
            length = (self.head + len(text) + len(dictionary) + 3) // 4 * 4
            if at + length + self.head > self.size:
                while live and live[0][0] >= at:
                    live.pop(0)
                self.put(BUFFER + at, '%ds' % self.head, b'')
                at = 0
            while live and at <= live[0][0] < at + length + self.head:
                live.pop(0)
            live.append((at, number))
            self.put(BUFFER + at, 'QHHHBB', time, length, len(text), len(dictionary), level >> 3,
                     6 | (level & 7) << 5)
            if self.callers:
                self.put(BUFFER + at + 16, 'I', number if number % 2 else 1 << 31 | number)
            start = BUFFER + at + self.head
            self.memory[start:start + len(text + dictionary)] = text + dictionary
            at += length
        self.finish(live[0][0], at, live)

    def finish(self, first, end, live):
        clear = 0
        for at, number in live:
            text = self.record_text(number)
            self.expected += text
            if number >= self.cleared:
                clear = clear or at
                self.since_clear += text
        self.put(VARS + 16, 'III', first, end, clear)
        self.symbols.update(log_first_idx=VARS + 16, log_next_idx=VARS + 20, clear_idx=VARS + 24)
        fields = {'ts_nsec': 0, 'len': 8, 'text_len': 10}
        if self.name != 'log':
            fields['dict_len'] = 12
        if self.callers:
            fields['caller_id'] = 16
        self.keys.append('SIZE(%s)=%d' % (self.name, self.head))
        self.keys += ['OFFSET(%s.%s)=%d' % (self.name, *field) for field in fields.items()]

    def record_text(self, number):
        _, time, text, _ = self.line(number)
        start = b'[%5d.%06d] ' % (time // 10**9, time % 10**9 // 1000)
        if self.callers:
            start += b'[%8s] ' % (b'%c%d' % (b'T' if number % 2 else b'C', number))
        text = text.replace(b'\x07', b'\\x07').replace(b'\x1b', b'\\x1b')
        return start + text.replace(b'\n', b'\n' + b' ' * len(start)) + b'\n'

    def build(self):
        for i, text in enumerate(('Linux', 'made', self.release, '#1', 'x86_64', '(none)')):
            self.memory[UTS + i * 65:UTS + i * 65 + len(text)] = text.encode()
        self.put(TOP + 511 * 8, 'Q', LOW | 0x63)
        self.put(LOW + 510 * 8, 'Q', 0x1e3)     # 1 GiB
        self.put(MEM_MAP, 'Q', BASE + 0x10000)
        self.put(VARS, 'QI', BASE + BUFFER, self.size)
        self.put(PGDAT + 512, 'QQQ', BASE + 0x10000, 0, MEMORY >> 12)
        if self.name:
            self.records()
        else:
            self.flat()
        sizes = {'page': 56, 'pglist_data': 1024, 'zone': 256, 'free_area': 24, 'list_head': 16,
                 'nodemask_t': 8}
        offsets = {'uts_namespace.name': 0, 'page.flags': 0, 'page._count': 8, 'page.mapping': 16,
                   'page.lru': 32, 'pglist_data.node_zones': 0, 'pglist_data.nr_zones': 504,
                   'pglist_data.node_mem_map': 512, 'pglist_data.node_start_pfn': 520,
                   'pglist_data.node_spanned_pages': 528, 'zone.free_area': 0, 'zone.vm_stat': 128,
                   'zone.spanned_pages': 136, 'free_area.free_list': 0, 'list_head.next': 0,
                   'list_head.prev': 8, 'vm_struct.addr': 8}
        numbers = {'phys_base': 0, 'NR_FREE_PAGES': 0, 'PG_lru': 5, 'PG_private': 11,
                   'PG_swapcache': 16, 'PG_slab': 7}
        lines = ['OSRELEASE=' + self.release, 'PAGESIZE=4096', 'CRASHTIME=1700000000',
                 'LENGTH(zone.free_area)=1', 'LENGTH(free_area.free_list)=1'] + self.keys
        lines += ['SYMBOL(%s)=%x' % (name, BASE + at) for name, at in self.symbols.items()]
        for kind, values in (('SIZE', sizes), ('OFFSET', offsets), ('NUMBER', numbers)):
            lines += ['%s(%s)=%d' % (kind, *value) for value in values.items()]
        text = ''.join(line + '\n' for line in lines).encode()
        cpu = struct.pack('<III8s336x', 5, 336, 1, b'CORE')
        return cpu + struct.pack('<III12s', 11, len(text), 0, b'VMCOREINFO') + text

    def write(self, path):
        note = self.build()
        with open(path, 'wb') as file:
            file.write(struct.pack('<16sHHIQQQIHHHHHH', b'\x7fELF\x02\x01\x01', 4, 62, 1, 0, 64, 0,
                                   0, 64, 56, 3, 0, 0, 0))
            file.write(struct.pack('<IIQQQQQQ', 4, 0, NOTE, 0, 0, len(note), len(note), 0))
            # Without the first page: addresses that are all 0 would be taken for none.
            size = MEMORY - 0x1000
            for virtual in (BASE, 0xffff880000000000):
                file.write(struct.pack('<IIQQQQQQ', 1, 7, FILE + 0x1000, virtual + 0x1000, 0x1000,
                                       size, size, 0))
            file.seek(NOTE)
            file.write(note)
            file.seek(FILE)
            file.write(self.memory)


def main():
    made = Made(sys.argv[1])
    made.write(sys.argv[2])
    with open(sys.argv[3], 'wb') as file:
        file.write(made.expected)
    with open(sys.argv[3] + '.cleared', 'wb') as file:
        file.write(made.since_clear)


if __name__ == '__main__':
    main()
