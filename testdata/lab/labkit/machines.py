# SPDX-License-Identifier: GPL-2.0-or-later
"""The machines that QEMU is to be, by Debian's name of the architecture."""
from typing import NamedTuple

FOREIGN = 'debian bookworm,debian trixie,debian forky,debian sid'


class Machine(NamedTuple):
    """A machine, and how a kernel in it is brought to give its memory away."""

    qemu: str  # the program
    options: str  # its options
    cpu: str
    console: str
    crash_memory: str = ''  # for kdump; without it QEMU's dump is taken
    memory: str = '1G'
    cpus: int = 1
    bus: str = 'pci'  # of virtio devices
    serial_requests: bool = False  # there is a second serial port
    kexec: str = 'load'
    formats: str = 'elf'  # of QEMU's dumps
    capture: str = 'nr_cpus=1 maxcpus=1 reset_devices panic=1 '  # command line of that kernel
    # all that follows is not for the machine of this host
    firmware: str = ''  # a file of QEMU's tree
    elf: tuple = ()  # e_machine, byte order ('<' or '>') and class (32 or 64) of a vmcore
    triplet: str = ''  # of the cross compiler
    packages: str = ''  # QEMU and cross compiler
    suites: str = 'debian bookworm,debian trixie,debian forky,debian sid'  # with kernels
    user_land: str = 'busybox-static'
    user_suites: str = 'trixie,sid'  # the first that the mirror has completely


PSERIES = 'pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off'
WITH_KEXEC = 'busybox-static kexec-tools'

MACHINES = {
    'amd64': Machine(
        'qemu-system-x86_64',
        '-M q35 -device vmcoreinfo',
        'max,la57=off,cx16=off',
        'ttyS0',
        crash_memory='256M',
        cpus=2,
        serial_requests=True,
        kexec='file',
        formats='elf,elf-paging,kdump-zlib',
        capture='nr_cpus=1 reset_devices irqpoll panic=1 random.trust_cpu=on ',
    ),
    'arm64': Machine(
        'qemu-system-aarch64',
        '-M virt,gic-version=3 -device vmcoreinfo',
        'max,pauth-impdef=on',
        'ttyAMA0',
        crash_memory='256M',
        elf=(183, '<', 64),
        triplet='aarch64-linux-gnu',
        packages='qemu-system-arm gcc-14-aarch64-linux-gnu libc6-dev-arm64-cross',
        user_land=WITH_KEXEC,
    ),
    # kexec dies in soft_restart
    'armhf': Machine(
        'qemu-system-arm',
        '-M virt,highmem=off',
        'cortex-a15',
        'ttyAMA0',
        elf=(40, '<', 32),
        triplet='arm-linux-gnueabihf',
        packages='qemu-system-arm gcc-14-arm-linux-gnueabihf libc6-dev-armhf-cross',
        suites='debian bullseye,debian bookworm,debian trixie,debian forky,debian sid',
    ),
    'i386': Machine(
        'qemu-system-i386',
        '-M q35 -device vmcoreinfo',
        'max',
        'ttyS0',
        crash_memory='192M',
        elf=(3, '<', 32),
        triplet='i686-linux-gnu',
        packages='qemu-system-x86 gcc-14-i686-linux-gnu libc6-dev-i386-cross',
        suites='debian bullseye,debian bookworm',
        user_land=WITH_KEXEC,
        user_suites='bookworm',
    ),
    # the capture kernel resets the machine; a kernel without EDK2 finds no PCI
    'loong64': Machine(
        'qemu-system-loongarch64',
        '-M virt',
        'la464',
        'ttyS0',
        firmware='usr/share/qemu-efi-loongarch64/QEMU_EFI.fd',
        elf=(258, '<', 64),
        triplet='loongarch64-linux-gnu',
        packages='qemu-system-misc qemu-efi-loongarch64 gcc-14-loongarch64-linux-gnu '
        'libc6-dev-loong64-cross',
        suites='debian sid',
        user_suites='sid',
    ),
    'ppc64el': Machine(
        'qemu-system-ppc64',
        '-M ' + PSERIES,
        'power9',
        'hvc0',
        crash_memory='384M',
        memory='1536M',
        elf=(21, '<', 64),
        triplet='powerpc64le-linux-gnu',
        packages='qemu-system-ppc gcc-14-powerpc64le-linux-gnu libc6-dev-ppc64el-cross',
        user_land=WITH_KEXEC,
    ),
    # kexec-tools 2.0.32 leaves page tables and memory map out of the dump
    'riscv64': Machine(
        'qemu-system-riscv64',
        '-M virt',
        'rv64',
        'ttyS0',
        elf=(243, '<', 64),
        triplet='riscv64-linux-gnu',
        packages='qemu-system-riscv gcc-14-riscv64-linux-gnu libc6-dev-riscv64-cross',
        suites='debian trixie,debian forky,debian sid',
    ),
    # Debian's kernels have no kexec
    's390x': Machine(
        'qemu-system-s390x',
        '-M s390-ccw-virtio',
        'max',
        'ttysclp0',
        bus='ccw',
        elf=(22, '>', 64),
        triplet='s390x-linux-gnu',
        packages='qemu-system-s390x gcc-14-s390x-linux-gnu libc6-dev-s390x-cross',
    ),
}
