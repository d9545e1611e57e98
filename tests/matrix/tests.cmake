# SPDX-License-Identifier: GPL-2.0-or-later
# The matrix: a test for each pair of a kernel and a workload, and one (label matrix_day) for the pair of
# the day with fewer cells.  matrix/matrix.md in the build folder has what came out.
# And for dumps that the lab has: that no page was left out which by drgn is the kernel's.
if(VMCULL_STATIC OR CMAKE_CROSSCOMPILING_EMULATOR)
    return() # the full program does the most; the static one, when built beside, runs in the crash kernel
endif()

set(matrix ${CMAKE_SOURCE_DIR}/tests/matrix/matrix.py --program $<TARGET_FILE:vmcull>
    --capture-program ${CMAKE_BINARY_DIR}/../capture/src/cli/vmcull
    --results ${CMAKE_BINARY_DIR}/tests/matrix)

foreach(workload idle cache user slab shmem frag swap vmalloc hugetlb gone std)
    foreach(kernel k61 k612 k618 k72 k73)
        set(cells 20)
        if(workload STREQUAL std)
            set(cells 0) # all
        endif()
        add_vmcull_test(matrix ${kernel}.${workload} 3600 ${matrix} ${kernel} ${workload}
            --cells ${cells})
    endforeach()
endforeach()

foreach(dump k61 k612 k72 k73 k61-kload k612-numa k612-la57)
    add_vmcull_test(matrix proof.${dump} 1800 ${CMAKE_SOURCE_DIR}/tests/matrix/proof.bash ${dump}
        --program $<TARGET_FILE:vmcull>)
endforeach()

add_vmcull_test(matrix day 1800 ${matrix} day --cells 10)
set_tests_properties(matrix.day PROPERTIES LABELS matrix_day)
