# SPDX-License-Identifier: GPL-2.0-or-later
# The program with functions of libc in front of libc's that fail when they are told to.
if(VMCULL_STATIC OR CMAKE_CROSSCOMPILING_EMULATOR OR VMCULL_SANITIZE MATCHES "thread")
    return()
endif()
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/faults/*.c)
add_library(vmcull_fault_objects OBJECT ${sources})
# The names of the functions that it stands in for, not what the headers make of them; and the
# allocator is called before any sanitizer is there.
target_compile_options(vmcull_fault_objects PRIVATE
    -U_FILE_OFFSET_BITS -U_TIME_BITS -U_FORTIFY_SOURCE -fno-sanitize=all -fno-builtin)
target_link_libraries(vmcull_fault_objects PRIVATE vmc_warnings)

get_target_property(program_libraries vmcull LINK_LIBRARIES)
add_executable(vmcull_faults $<TARGET_OBJECTS:vmcull_fault_objects> $<TARGET_OBJECTS:vmcull>)
target_link_libraries(vmcull_faults PRIVATE ${program_libraries} ${CMAKE_DL_LIBS})
target_link_options(vmcull_faults PRIVATE LINKER:--wrap=main)

# A part of the faults, the same each time, so that a failure is of a change; VMCULL_FAULTS_SEED=TEXT
# takes another part, VMCULL_FAULTS_ALL=1 all of them.
find_package(Python3 COMPONENTS Interpreter)
set(packed ${CMAKE_SOURCE_DIR}/testdata/stripped/k61/vmcore.zst)
if(NOT Python3_FOUND OR NOT EXISTS ${packed} OR NOT VMCULL_WITH_ANALYSIS MATCHES "^(AUTO|ON)$")
    return()
endif()
foreach(group filter streams forms convert makedumpfile audit read)
    add_vmcull_test(faults ${group} 7200 ${CMAKE_CURRENT_SOURCE_DIR}/faults/run
        --group ${group} --inject $<TARGET_FILE:vmcull_faults> --program $<TARGET_FILE:vmcull>
        $<$<TARGET_EXISTS:kdump_compare>:--compare=${CMAKE_BINARY_DIR}/tests/interop/kdump_compare>
        --scratch ${CMAKE_BINARY_DIR}/tests/scratch/faults.${group}
        ${packed} ${CMAKE_BINARY_DIR}/samples/k61/vmcore)
endforeach()
