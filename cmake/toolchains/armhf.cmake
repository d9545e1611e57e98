# SPDX-License-Identifier: GPL-2.0-or-later
# ARM, hard float: a host of 32 bits, little endian.
set(CMAKE_SYSTEM_PROCESSOR arm)
set(architecture armhf)
set(triplet arm-linux-gnueabihf)
set(emulator qemu-arm-static)
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
