# SPDX-License-Identifier: GPL-2.0-or-later
# IBM Z: a host whose byte order is big endian.
set(CMAKE_SYSTEM_PROCESSOR s390x)
set(architecture s390x)
set(triplet s390x-linux-gnu)
set(emulator qemu-s390x-static)
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
