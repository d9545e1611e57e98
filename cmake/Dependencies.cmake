# SPDX-License-Identifier: GPL-2.0-or-later
# Libraries.  Sets CODEC_LIBRARIES, DUMP_LIBRARIES, KERNEL_LIBRARIES and the HAVE_… definitions.
find_package(PkgConfig REQUIRED)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

if(VMCULL_STATIC)
    set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
    set(VMCULL_PKG_STATIC ON)
endif()

# need_library(PART TARGET pkg-config-name): a library that there is no building without.
function(need_library target package)
    pkg_check_modules(${target} REQUIRED IMPORTED_TARGET ${package})
endfunction()

# Many Debian packages of compression libraries have no .pc file of use; look for header and library.
function(find_plain part header library out)
    find_path(${part}_INCLUDE_DIR ${header})
    find_library(${part}_LIBRARY ${library})
    if(${part}_INCLUDE_DIR AND ${part}_LIBRARY)
        add_library(vmc_lib_${part} INTERFACE)
        target_include_directories(vmc_lib_${part} SYSTEM INTERFACE ${${part}_INCLUDE_DIR})
        target_link_libraries(vmc_lib_${part} INTERFACE ${${part}_LIBRARY})
        set(${out} vmc_lib_${part} PARENT_SCOPE)
    endif()
endfunction()

# use_library(PART header library list): an optional part, by its VMCULL_WITH_PART.
macro(use_library part header library list)
    if(NOT VMCULL_WITH_${part} STREQUAL OFF)
        find_plain(${part} ${header} ${library} found_${part})
        if(found_${part})
            list(APPEND ${list} ${found_${part}})
            add_compile_definitions(HAVE_${part}=1)
        elseif(VMCULL_WITH_${part} STREQUAL ON)
            message(FATAL_ERROR "${part} was asked for, but ${header} or lib${library} is missing")
        endif()
    endif()
endmacro()

macro(require_library part header library list)
    set(VMCULL_WITH_${part} ON)
    use_library(${part} ${header} ${library} ${list})
endmacro()

set(CODEC_LIBRARIES)
set(DUMP_LIBRARIES)
set(KERNEL_LIBRARIES)
require_library(ZLIB zlib.h z CODEC_LIBRARIES)
require_library(LZO lzo/lzo1x.h lzo2 CODEC_LIBRARIES)
require_library(ZSTD zstd.h zstd CODEC_LIBRARIES)
use_library(SNAPPY snappy-c.h snappy CODEC_LIBRARIES)
use_library(LIBDEFLATE libdeflate.h deflate CODEC_LIBRARIES)
use_library(ISAL isa-l/igzip_lib.h isal CODEC_LIBRARIES)
require_library(ELF libelf.h elf DUMP_LIBRARIES)
