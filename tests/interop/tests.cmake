# SPDX-License-Identifier: GPL-2.0-or-later
# Each script *.sh of this folder runs on each dump of testdata/ (label interop) and on a fresh one of
# each kernel of the lab (label lab); ../run tells what a script can rely on.
file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/interop/*.sh)
file(GLOB dumps CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/testdata/whole/vmcore.zst
    ${CMAKE_SOURCE_DIR}/testdata/stripped/*/vmcore.zst)
if(NOT dumps)
    message(WARNING "testdata/ has no dumps: the interop tests are left out")
endif()
foreach(dump IN LISTS dumps)
    cmake_path(GET dump PARENT_PATH folder)
    cmake_path(GET folder STEM kernel)
    foreach(script IN LISTS scripts)
        cmake_path(GET script STEM name)
        if(name MATCHES "^(drgn|erase.*|headers|privacy.*|readers|vmlinux|audit_crash)$" AND folder MATCHES "/stripped/")
            continue() # they need all of the kernel's memory
        endif()
        if(name MATCHES "^(compat|cgroup)$" AND NOT folder MATCHES "/whole$")
            continue() # how it is called, and in what, which is the same for all
        endif()
        if(name STREQUAL qemu)
            continue() # for what the lab makes
        endif()
        add_script_test(interop ${kernel}.${name} 1200 ${script} --truth ${folder}
            --packed ${dump} --vmcore ${CMAKE_BINARY_DIR}/samples/${kernel}/vmcore)
    endforeach()
endforeach()

# Dumps of real unaccepted memory, made by filter --map-only.
file(GLOB dumps CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/testdata/unaccepted/*/vmcore.zst)
foreach(dump IN LISTS dumps)
    cmake_path(GET dump PARENT_PATH folder)
    cmake_path(GET folder FILENAME kernel)
    foreach(name audit unaccepted seek plans picture_html)
        add_script_test(interop unaccepted-${kernel}.${name} 1200
            ${CMAKE_SOURCE_DIR}/tests/interop/${name}.sh --truth ${folder} --packed ${dump}
            --vmcore ${CMAKE_BINARY_DIR}/samples/unaccepted-${kernel}/vmcore)
    endforeach()
endforeach()

# Dumps of other machines, likewise.
file(GLOB dumps CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/testdata/arch/*/vmcore.zst)
foreach(dump IN LISTS dumps)
    cmake_path(GET dump PARENT_PATH folder)
    cmake_path(GET folder FILENAME kernel)
    foreach(name audit audit_kernel defective dmesg elf_output explain flattened kpageflags
            map_only picture_html plans roundtrip seek)
        if(name STREQUAL defective AND NOT kernel MATCHES "^(armhf-612-short|i386-61|s390x-612)$")
            continue() # it cuts ELF files that have a note
        endif()
        if(name STREQUAL roundtrip AND
                kernel MATCHES "^(armhf-612-short|i386-61|ppc64le-612-hash|s390x-612)$")
            continue() # a GiB and more, twenty times over
        endif()
        add_script_test(interop ${kernel}.${name} 1200
            ${CMAKE_SOURCE_DIR}/tests/interop/${name}.sh --truth ${folder} --packed ${dump}
            --vmcore ${CMAKE_BINARY_DIR}/samples/${kernel}/vmcore)
    endforeach()
endforeach()

# The dumps that QEMU makes of a running guest.
if(NOT VMCULL_STATIC)
    add_vmcull_test(lab qemu.k72b 3600 ${CMAKE_SOURCE_DIR}/tests/interop/lab.bash k72b
        --program $<TARGET_FILE:vmcull> --scratch ${CMAKE_BINARY_DIR}/tests/scratch/qemu.k72b)
endif()

foreach(kernel k61 k612 k618 k72 k73)
    if(VMCULL_STATIC)
        add_vmcull_test(lab capture.${kernel} 1800 ${CMAKE_SOURCE_DIR}/tests/interop/capture.bash ${kernel}
            --program $<TARGET_FILE:vmcull> --scratch ${CMAKE_BINARY_DIR}/tests/scratch/capture.${kernel})
        add_vmcull_test(lab callers.${kernel} 1800 ${CMAKE_SOURCE_DIR}/tests/interop/callers.bash ${kernel}
            --program $<TARGET_FILE:vmcull> --scratch ${CMAKE_BINARY_DIR}/tests/scratch/callers.${kernel})
        continue()
    endif()
    add_vmcull_test(lab kcore.${kernel} 1800 ${CMAKE_SOURCE_DIR}/tests/interop/kcore.bash ${kernel}
        --program $<TARGET_FILE:vmcull> --scratch ${CMAKE_BINARY_DIR}/tests/scratch/kcore.${kernel})
    add_vmcull_test(lab ${kernel} 3600 ${CMAKE_SOURCE_DIR}/tests/interop/lab.bash ${kernel}
        --program $<TARGET_FILE:vmcull> --scratch ${CMAKE_BINARY_DIR}/tests/scratch/lab.${kernel})
endforeach()

# Other machines: fresh dumps of them.
if(NOT VMCULL_STATIC)
    foreach(kernel arm64-61 arm64-612 arm64-612-16k arm64-72 armhf-510-short armhf-612 armhf-612-short armhf-72
            i386-510 i386-61 i386-61-nopae loong64-72 ppc64el-61 ppc64el-612 ppc64el-612-4k
            ppc64el-612-hash ppc64el-72 riscv64-612 riscv64-612-sv39 riscv64-72 s390x-61 s390x-612
            s390x-72)
        add_vmcull_test(lab ${kernel} 3600 ${CMAKE_SOURCE_DIR}/tests/interop/lab.bash ${kernel}
            --program $<TARGET_FILE:vmcull>
            --scratch ${CMAKE_BINARY_DIR}/tests/scratch/lab.${kernel})
    endforeach()
endif()
