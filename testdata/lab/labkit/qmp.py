# SPDX-License-Identifier: GPL-2.0-or-later
"""Talks to QEMU (QMP), and answers what the guest asks for on its second serial port."""
import json
import os
import shutil
import socket
import subprocess
import threading
import time

GIVE_UP_AFTER = 60  # looks at a balloon that does not move any more


def connect(path, seconds=10):
    deadline = time.time() + seconds
    while True:
        try:
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(path)
            return connection.makefile('rw')
        except OSError:
            if time.time() > deadline:
                raise
            time.sleep(0.05)


class Qmp:
    def __init__(self, path):
        self.stream = connect(path)
        self.lock = threading.Lock()
        self.stream.readline()
        self.command('qmp_capabilities')

    def command(self, name, **arguments):
        """The answer, {'return': ...} or {'error': {'desc': ...}}; events are passed over."""
        with self.lock:
            self.stream.write(json.dumps({'execute': name, 'arguments': arguments}) + '\n')
            self.stream.flush()
            for line in self.stream:
                answer = json.loads(line)
                if 'event' not in answer:
                    return answer
        return {'error': {'desc': 'QEMU has gone'}}

    def balloon(self, target):
        """Sets the guest's memory in bytes, waits until it stands; gives the size reached."""
        self.command('balloon', value=target)
        last, standing = None, 0
        while standing < GIVE_UP_AFTER:
            actual = self.command('query-balloon').get('return', {}).get('actual')
            if actual == target:
                break
            standing = standing + 1 if actual == last else 0
            last = actual
            time.sleep(0.25)
        return actual

    def dump(self, kind, path):
        """dump-guest-memory as elf, elf-paging, kdump-zlib, or that with -detach at the end."""
        arguments = {'paging': kind == 'elf-paging', 'protocol': 'file:' + path}
        detach = kind.endswith('-detach')
        if not kind.startswith('elf'):
            arguments['format'] = kind[: -len('-detach')] if detach else kind
        if detach:
            arguments['detach'] = True
        started = time.time()
        answer = self.command('dump-guest-memory', **arguments)
        while detach and 'error' not in answer:
            answer = self.command('query-dump')
            if answer.get('return', {}).get('status') != 'active':
                break
            time.sleep(0.2)
        if 'error' in answer:
            if os.path.exists(path):
                os.unlink(path)
            return {'error': answer['error']['desc']}
        # its zeros need no room
        subprocess.run(['fallocate', '-d', path], stderr=subprocess.DEVNULL)
        return {'seconds': round(time.time() - started, 2), 'size': os.path.getsize(path)}


class GuestRequests(threading.Thread):
    """Serves BALLOON and DUMP requests of one guest; the results of the dumps are in .dumps."""

    def __init__(self, qmp, socket_path, memory, folder, formats, truth_disk):
        super().__init__(daemon=True)
        self.qmp, self.memory, self.folder, self.formats, self.truth_disk = (
            qmp,
            memory,
            folder,
            formats,
            truth_disk,
        )
        self.socket_path = socket_path
        self.dumps = {}

    def run(self):
        stream = connect(self.socket_path)
        for line in stream:
            words = line.split()
            if not words:
                continue
            try:
                if words[0] == 'BALLOON':
                    answer = 'actual=%s' % self.qmp.balloon(self.memory - (int(words[1]) << 20))
                elif words[0] == 'DUMP':
                    self.dump_all()
                    answer = 'ok'
                else:
                    answer = 'unknown request'
                stream.write(answer + '\n')
                stream.flush()
            except OSError:
                return

    def dump_all(self):
        self.qmp.command('stop')
        os.makedirs(self.folder, exist_ok=True)
        for kind in self.formats:
            self.dumps[kind] = self.qmp.dump(kind, os.path.join(self.folder, 'dump.' + kind))
            print('qemu dump', kind, self.dumps[kind], flush=True)
        # the truth at this moment; a kdump that follows writes its own over it
        shutil.copy(self.truth_disk, self.truth_disk + '.qemu')
        self.qmp.command('cont')
