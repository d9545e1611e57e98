# SPDX-License-Identifier: GPL-2.0-or-later
# Every option of the build, in one place.  AUTO takes what is installed, ON insists, OFF leaves out.

option(BUILD_TESTING "Build the tests" ON)
option(VMCULL_WERROR "Warnings are errors" OFF)
option(VMCULL_STATIC "Link the program statically, without optional parts (for a crash kernel)" OFF)
option(VMCULL_SHARED_LIBRARY "Also build libvmcull.so" ON)
set(VMCULL_SANITIZE "" CACHE STRING "Sanitizers, such as address,undefined or thread or fuzzer")

foreach(part SNAPPY LIBDEFLATE ISAL KDUMPFILE DW)
    set(VMCULL_WITH_${part} AUTO CACHE STRING "Use ${part}: AUTO, ON or OFF")
    set_property(CACHE VMCULL_WITH_${part} PROPERTY STRINGS AUTO ON OFF)
endforeach()
