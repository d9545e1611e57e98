# SPDX-License-Identifier: GPL-2.0-or-later
#
# The libraries we build on.  Sets for each layer LAYER_LIBRARIES; for vmcull.pc VMCULL_PC_REQUIRES and
# VMCULL_PC_LIBS; for vmc_optional_part() VMCULL_PARTS; and defines HAVE_PART=1 for the compiler.
find_package(PkgConfig REQUIRED)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

if(VMCULL_STATIC)
    set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
endif()

# add_part(PART layer header library pkg-config-module [REQUIRED] [UNUSED])
#   By VMCULL_WITH_PART, or REQUIRED.  UNUSED: no code uses it yet, so --as-needed leaves it out, and
#   neither vmc_optional_part() nor vmcull.pc names it.  Header and library are searched for themselves, because pkg-config cannot tell whether there is
#   a static one; from its module comes the version.
function(add_part part layer header library module)
    cmake_parse_arguments(PART "REQUIRED;UNUSED" "" "" ${ARGN})
    set(wanted "${VMCULL_WITH_${part}}")
    if(PART_REQUIRED)
        set(wanted ON)
    elseif(NOT wanted MATCHES "^(AUTO|ON|OFF)$")
        message(FATAL_ERROR "VMCULL_WITH_${part} is ${wanted}, but must be AUTO, ON or OFF")
    endif()
    if(wanted STREQUAL OFF)
        message(STATUS "${library}: off")
        return()
    endif()

    find_path(${part}_INCLUDE_DIR ${header})
    find_library(${part}_LIBRARY ${library})
    mark_as_advanced(${part}_INCLUDE_DIR ${part}_LIBRARY)
    if(NOT ${part}_INCLUDE_DIR OR NOT ${part}_LIBRARY)
        if(wanted STREQUAL ON)
            message(FATAL_ERROR "${header} and lib${library} are needed, but not installed")
        endif()
        message(STATUS "${library}: not there, left out")
        return()
    endif()

    add_library(vmc_lib_${part} INTERFACE)
    target_include_directories(vmc_lib_${part} SYSTEM INTERFACE ${${part}_INCLUDE_DIR})
    target_link_libraries(vmc_lib_${part} INTERFACE ${${part}_LIBRARY})
    add_compile_definitions(HAVE_${part}=1)
    set(${layer}_LIBRARIES ${${layer}_LIBRARIES} vmc_lib_${part} PARENT_SCOPE)

    pkg_check_modules(PC_${part} QUIET ${module})
    message(STATUS "${library}: ${PC_${part}_VERSION} (${${part}_LIBRARY})")
    if(PART_UNUSED)
        return()
    endif()
    if(PC_${part}_FOUND)
        set(VMCULL_PC_REQUIRES ${VMCULL_PC_REQUIRES} ${module} PARENT_SCOPE)
    else()
        set(VMCULL_PC_LIBS ${VMCULL_PC_LIBS} -l${library} PARENT_SCOPE)
    endif()
    if(NOT layer STREQUAL CODEC) # codecs tell of themselves, see vmc_codec_library()
        string(STRIP "${module} ${PC_${part}_VERSION}" text)
        set(VMCULL_PARTS "${VMCULL_PARTS}\"${text}\"," PARENT_SCOPE)
    endif()
endfunction()

set(VMCULL_PC_LIBS -pthread -lm)

# xxHash is all in its header.
find_path(XXHASH_INCLUDE_DIR xxhash.h REQUIRED)
mark_as_advanced(XXHASH_INCLUDE_DIR)
add_library(vmc_lib_XXHASH INTERFACE)
target_include_directories(vmc_lib_XXHASH SYSTEM INTERFACE ${XXHASH_INCLUDE_DIR})
set(BASE_LIBRARIES vmc_lib_XXHASH)

set(AUDIT_LIBRARIES m) # sqrt() for the errors of estimates
add_part(ZLIB       CODEC  zlib.h              z         zlib REQUIRED)
add_part(LZO        CODEC  lzo/lzo1x.h         lzo2      lzo2 REQUIRED)
add_part(ZSTD       CODEC  zstd.h              zstd      libzstd REQUIRED)
add_part(SNAPPY     CODEC  snappy-c.h          snappy    snappy)
add_part(LIBDEFLATE CODEC  libdeflate.h        deflate   libdeflate)
add_part(ISAL       CODEC  isa-l/igzip_lib.h   isal      libisal)

add_part(ELF        KERNEL libelf.h            elf       libelf REQUIRED)
add_part(BPF        KERNEL bpf/btf.h           bpf       libbpf)
add_part(DW         KERNEL elfutils/libdw.h    dw        libdw)
add_part(KDUMPFILE  DUMP   libkdumpfile/kdumpfile.h kdumpfile libkdumpfile)

# Pictures of memory: no library of their own, but code that a crash kernel has no use for.
if(NOT VMCULL_WITH_PICTURES MATCHES "^(AUTO|ON|OFF)$")
    message(FATAL_ERROR "VMCULL_WITH_PICTURES is ${VMCULL_WITH_PICTURES}, but must be AUTO, ON or OFF")
endif()
if(NOT VMCULL_WITH_PICTURES STREQUAL OFF)
    add_compile_definitions(HAVE_PICTURES=1)
    list(APPEND AUDIT_LIBRARIES vmc_lib_ZLIB)
    string(APPEND VMCULL_PARTS "\"pictures\",")
endif()

if(VMCULL_STATIC AND TARGET vmc_lib_BPF)
    set_property(TARGET vmc_lib_BPF PROPERTY INTERFACE_LINK_LIBRARIES
        "$<LINK_GROUP:RESCAN,${BPF_LIBRARY},${ELF_LIBRARY},${ZLIB_LIBRARY}>")
endif()
if(VMCULL_STATIC AND TARGET vmc_lib_SNAPPY)
    target_link_libraries(vmc_lib_SNAPPY INTERFACE stdc++)
endif()
if(VMCULL_LEAN)
    include(LeanZstd)
endif()
