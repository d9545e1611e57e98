# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest gets: programs, configuration, initramfs and disks."""
import os
import shlex
import shutil
import struct
import subprocess

from .cpio import Cpio
from .kmodules import foreign_libraries, modules_with_dependencies, shared_libraries
from .paths import GUEST_SOURCE, tree_folder, user_land, work_folder

MODULES = (
    'virtio_pci virtio_blk virtio_balloon virtio_console qemu_fw_cfg lzo_compress lzo_rle zsmalloc '
    'zram crc32c_generic ext4 hwpoison_inject'
).split()
BUSYBOX, KEXEC = '/usr/bin/busybox', '/usr/sbin/kexec'
CROSS_FLAGS = '-O2 -Wall -Wextra -D_FILE_OFFSET_BITS=64 -static -s'.split()
MIB = 1 << 20


def is_native(args):
    return not args.machine.triplet


def guest_programs(args):
    folder = os.path.join(work_folder(), 'guest')
    if is_native(args):
        os.makedirs(folder, exist_ok=True)
        subprocess.run(['make', '-s', '-C', GUEST_SOURCE, 'OUT=' + folder], check=True)
        return folder
    # the compilers of a newer Debian need its libraries
    inside = '/guest/' + args.machine.triplet
    folder = tree_folder() + inside
    shutil.copytree(GUEST_SOURCE, folder, dirs_exist_ok=True)
    for program in ('wl', 'snap', 'peak'):
        compiler = '/usr/bin/%s-gcc-14' % args.machine.triplet
        subprocess.run(
            ['unshare', '--map-root-user', 'chroot', tree_folder(), compiler, *CROSS_FLAGS]
            + ['-o', '%s/%s' % (inside, program), '%s/%s.c' % (inside, program)],
            check=True,
        )
    return folder


def guest_file(args, path):
    """A program of the host, or the same of another machine."""
    if is_native(args):
        return path
    root = user_land(args.machine_name)
    for name in (path, path[len('/usr') :]):
        if os.path.exists(root + name):
            return root + name
    raise SystemExit('no %s in %s' % (path, root))


def libraries_of(args, program):
    if is_native(args):
        return shared_libraries(program)
    return foreign_libraries(program, user_land(args.machine_name))


def guest_config(args):
    values = {
        'KDUMP': int(args.kdump),
        'QEMUDUMP': int(args.qemu_too),
        'RAW': int(not args.no_raw),
        'RUNCAP': args.run_in_capture,
        'SCALE': args.scale,
        'BALLOON': args.balloon or '',
        'OFFLINE': int(args.offline),
        'KEXECOPT': '-s' if args.kexec == 'file' else '-c',
        'CAPCMD': 'console=%s %s' % (args.machine.console, args.machine.capture)
        + args.capture_append,
        'SERIAL_REQUESTS': int(args.machine.serial_requests),
        'NOHUGETLB': '1' if args.no_hugetlb else '',
        'SMALL': '1' if args.small else '',
        'SNAPOPT': '--small' if args.small else '',
    }
    return ''.join(
        '%s=%s\n' % (key, shlex.quote(str(value))) for key, value in values.items()
    ).encode()


def capture_archive(args, programs, modules):
    cpio = Cpio()
    for folder in 'proc sys dev etc tmp root run mnt'.split():
        cpio.folder(folder)
    cpio.character_device('dev/console', 0o600, (5, 1))
    cpio.file('bin/busybox', guest_file(args, BUSYBOX))
    for applet in subprocess.run(
        [BUSYBOX, '--list'], capture_output=True, text=True, check=True
    ).stdout.split():
        if applet not in ('busybox', 'init'):
            cpio.link('bin/' + applet, 'busybox')
    cpio.file('init', os.path.join(GUEST_SOURCE, 'init'))
    cpio.file('bin/peak', programs + '/peak')
    cpio.data('etc/lab.conf', guest_config(args))
    for name, content in modules:
        cpio.data('modules/%s.ko' % name, content)
    cpio.data('modules/order', ''.join(name + '.ko\n' for name, _ in modules).encode())
    libraries = {}
    for item in args.add:
        path, _, name = item.partition(':')
        cpio.file(name.lstrip('/') or 'bin/' + os.path.basename(path), path)
        libraries.update(libraries_of(args, path))
    for name, library in sorted(libraries.items()):
        cpio.file(name.lstrip('/'), os.path.realpath(library))
    return cpio.finish(), cpio.made


def first_archive(args, programs, capture, made):
    """Follows the capture archive in the first kernel's initramfs."""
    cpio = Cpio(made)
    workload = (
        args.workload
        if os.path.exists(args.workload)
        else os.path.join(GUEST_SOURCE, 'workload-' + args.workload)
    )
    cpio.file('workload', workload)
    cpio.file('bin/wl', programs + '/wl')
    cpio.file('bin/snap', programs + '/snap')
    if args.kdump:
        kexec = guest_file(args, KEXEC)
        cpio.file('sbin/kexec', kexec)
        for name, library in libraries_of(args, kexec).items():
            cpio.file(name.lstrip('/'), os.path.realpath(library))
        cpio.file('boot/vmlinuz', args.kernel)
        cpio.data('boot/initrd', capture)
    return cpio.finish()


def write_initrd(args, path):
    """The first kernel's initramfs; gives the names of its modules, and of those there are not."""
    programs = guest_programs(args)
    modules, absent = modules_with_dependencies(args.modules, MODULES + args.extra_module)
    capture, made = capture_archive(args, programs, modules)
    with open(path, 'wb') as file:
        file.write(capture + first_archive(args, programs, capture, made))
    return [name for name, _ in modules], absent


def empty_disk(work, name, size):
    path = '%s/%s.img' % (work, name)
    with open(path, 'wb') as image:
        image.truncate(size)
    return path


def pattern_disk(work, scale):
    """ext4 with files of pages (tag FILECLEA, page number); its blocks are of 1 KiB."""
    folder = work + '/ext'
    os.makedirs(folder)
    for name, mib in (('clean1', 24), ('clean2', 24), ('clean3', 8)):
        with open(os.path.join(folder, name), 'wb') as file:
            for page in range(max(1, mib * scale // 100) * 256):
                file.write(struct.pack('<8sQ', b'FILECLEA', page) * 256)
    path = empty_disk(work, 'ext', max(32, 160 * scale // 100) * MIB)
    subprocess.run(
        ['mke2fs', '-q', '-F', '-t', 'ext4', '-b', '1024', '-d', folder, path], check=True
    )
    shutil.rmtree(folder)
    return path


def make_disks(args, work):
    disks = {
        'truth': empty_disk(work, 'truth', 256 * MIB + args.mem // 64),
        'vmcore': empty_disk(work, 'vmcore', args.mem + 256 * MIB),
        'capout': empty_disk(work, 'capout', 2048 * MIB),
        'ext': pattern_disk(work, args.scale),
    }
    if args.scratch:
        disks['scratch'] = empty_disk(work, 'scratch', args.scratch)
        subprocess.run(['mke2fs', '-q', '-F', '-t', 'ext4', disks['scratch']], check=True)
    return disks
