# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes initramfs archives (cpio, "newc") without needing to be root."""
import os

DIRECTORY, FILE, LINK, CHARACTER_DEVICE = 0o040000, 0o100000, 0o120000, 0o020000


def padding(length):
    return b'\0' * (-length % 4)


class Cpio:
    def __init__(self, made=()):
        """made: folders that an archive in front of this one has already."""
        self.content = bytearray()
        self.inode = 1
        self.made = set(made)

    def _add(self, name, mode, data=b'', device=(0, 0)):
        name = name.encode() + b'\0'
        self.inode += 1
        fields = (self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, device[0], device[1], len(name), 0)
        header = b'070701' + b''.join(b'%08x' % field for field in fields) + name
        self.content += header + padding(len(header)) + data + padding(len(data))

    def folder(self, name):
        if name and name not in self.made:
            self.folder(os.path.dirname(name))
            self.made.add(name)
            self._add(name, DIRECTORY | 0o755)

    def data(self, name, data, mode=0o644):
        self.folder(os.path.dirname(name))
        self._add(name, FILE | mode, data)

    def file(self, name, path, mode=0o755):
        with open(path, 'rb') as file:
            self.data(name, file.read(), mode)

    def link(self, name, target):
        self.folder(os.path.dirname(name))
        self._add(name, LINK | 0o777, target.encode())

    def character_device(self, name, mode, device):
        self.folder(os.path.dirname(name))
        self._add(name, CHARACTER_DEVICE | mode, b'', device)

    def finish(self):
        self._add('TRAILER!!!', 0)
        return bytes(self.content) + b'\0' * (-len(self.content) % 512)
