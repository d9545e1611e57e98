# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that look at ours: at its sources, and at what it does with memory.  One build is enough, one
# without sanitizers.  What takes minutes has the label "long".
if(VMCULL_SANITIZE OR VMCULL_STATIC OR CMAKE_CROSSCOMPILING_EMULATOR OR NOT TARGET vmcull_shared)
    return()
endif()
set(here ${CMAKE_CURRENT_SOURCE_DIR}/analysis)
set(there ${CMAKE_BINARY_DIR}/tests/analysis)
file(MAKE_DIRECTORY ${there})

add_vmcull_test(analysis clang_tidy 1200 ${here}/clang_tidy ${CMAKE_SOURCE_DIR} ${there}/clang-tidy)
add_vmcull_test(long clang_analyzer 3600 ${here}/clang_tidy ${CMAKE_SOURCE_DIR} ${there}/clang-analyzer
    --analyzer)
add_vmcull_test(analysis cppcheck 1200 ${here}/cppcheck ${CMAKE_BINARY_DIR} ${there}/cppcheck)
add_script_test(analysis memcheck_cli 1200 ${here}/memcheck_cli.sh)

# Of every damage and every page valgrind makes minutes.
set(slow test_audit_free test_audit_unaccepted test_codec test_elf_content test_elf_write test_flattened
    test_kdump test_kdump_layouts test_kdump_write test_kept test_pipeline test_vmlinux test_walk)
# One gives up the system calls that valgrind makes, one looks below its stack pointer for how deep a stack
# was, one faults on purpose.
set(never test_sandbox test_thread test_window)
get_property(tests DIRECTORY PROPERTY TESTS)
foreach(test IN LISTS tests)
    if(test MATCHES "^unit\\.(test_.*)$")
        set(name ${CMAKE_MATCH_1})
        if(name IN_LIST never)
            continue()
        endif()
        set(label analysis)
        if(name IN_LIST slow)
            set(label long)
        endif()
        add_vmcull_test(${label} memcheck.${name} 1800 ${here}/memcheck $<TARGET_FILE:${name}>)
    endif()
endforeach()
