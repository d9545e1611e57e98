# SPDX-License-Identifier: GPL-2.0-or-later
# How everything is compiled and linked: sanitizers, hardening, static and lean builds.

# An assertion is about our own mistakes; going on after one could ruin the only copy of a dump, so
# they stay in every build.
foreach(type DEBUG RELEASE RELWITHDEBINFO MINSIZEREL)
    string(REGEX REPLACE " *-DNDEBUG" "" CMAKE_C_FLAGS_${type} "${CMAKE_C_FLAGS_${type}}")
endforeach()

# Offsets and times of 64 bits on hosts of 32, too.
add_compile_definitions(_GNU_SOURCE _FILE_OFFSET_BITS=64 _TIME_BITS=64)
add_link_options(LINKER:--as-needed)

if(VMCULL_SANITIZE)
    add_compile_options(-fsanitize=${VMCULL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${VMCULL_SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL Debug)
    # A program that reads hostile files as root.
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong)
    add_link_options(LINKER:-z,relro,-z,now)
endif()

if(VMCULL_STATIC)
    # Position-dependent code is smaller, and there is no library to share.
    set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
    add_compile_options(-fno-pie)
    add_link_options(-static -no-pie)
endif()
if(VMCULL_LEAN)
    add_compile_options(-ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables)
    add_link_options(LINKER:--gc-sections,--build-id=none,-z,noseparate-code,--strip-all)
endif()
