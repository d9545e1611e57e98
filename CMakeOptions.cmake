# SPDX-License-Identifier: GPL-2.0-or-later
# Every option of the build, in one place.

option(BUILD_TESTING "Build the tests" ON)
option(VMCULL_WERROR "Warnings are errors" OFF)
option(VMCULL_SHARED_LIBRARY "Also build libvmcull.so" ON)
option(VMCULL_STATIC "Link the program statically; there is no libvmcull.so then" OFF)
option(VMCULL_LEAN "Small before fast: leave out zstd's slow levels (needs VMCULL_STATIC)" OFF)
option(VMCULL_COMPAT_LINKS "Also install makedumpfile and vmcore-dmesg, as links to the program" OFF)
set(VMCULL_PACKAGER "vmcull <vmcull@localhost>" CACHE STRING "Whom packages name as their maintainer")
set(VMCULL_SANITIZE "" CACHE STRING "Sanitizers, such as address,undefined or thread")
set(VMCULL_REFERENCE "" CACHE FILEPATH
    "The program built for this machine, to which tests of a cross build hold theirs")

# Optional parts.  AUTO takes what is installed, ON insists, OFF leaves out.
foreach(part SNAPPY LIBDEFLATE ISAL BPF KDUMPFILE DW PICTURES ANALYSIS)
    set(VMCULL_WITH_${part} AUTO CACHE STRING "Use ${part}: AUTO, ON or OFF")
    set_property(CACHE VMCULL_WITH_${part} PROPERTY STRINGS AUTO ON OFF)
endforeach()

if(VMCULL_LEAN AND NOT VMCULL_STATIC)
    message(FATAL_ERROR "VMCULL_LEAN needs VMCULL_STATIC")
endif()
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Debug, RelWithDebInfo, Release or MinSizeRel" FORCE)
endif()
