# SPDX-License-Identifier: GPL-2.0-or-later
"""Flattened files (makedumpfile -F): big-endian records {offset, size, bytes} after a block of header."""
import struct

HEADER = 4096
RECORD = 50000          # no multiple of anything
END = struct.pack('>qq', -1, -1)


def flatten(source, target):
    """Makes a stream of a file; its records go back and forth."""
    with open(source, 'rb') as file:
        content = file.read()
    starts = list(range(0, len(content), RECORD))
    with open(target, 'wb') as file:
        file.write(struct.pack('>16sqq', b'makedumpfile', 1, 1).ljust(HEADER, b'\0'))
        for start in starts[1::2] + starts[::2]:
            piece = content[start : start + RECORD]
            file.write(struct.pack('>qq', start, len(piece)) + piece)
        file.write(END)


def rearrange(source, target):
    """The file that a stream stands for.  True: the stream has its end."""
    with open(source, 'rb') as stream, open(target, 'wb') as file:
        stream.seek(HEADER)
        while len(head := stream.read(16)) == 16:
            offset, size = struct.unpack('>qq', head)
            if head == END:
                return True
            file.seek(offset)
            file.write(stream.read(size))
    return False
