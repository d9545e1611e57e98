# SPDX-License-Identifier: GPL-2.0-or-later
# Each fuzz_NAME.c is a target: it has LLVMFuzzerTestOneInput().  Every build replays what is in
# corpus/NAME with it, as a unit test; the fuzz preset makes a fuzzer of it.
string(FIND "${VMCULL_SANITIZE}" "fuzzer" fuzzer)
if(VMCULL_AFL) # tests/fuzz/afl: what afl-clang-fast takes -fsanitize=fuzzer for
    set(fuzzer 0)
endif()
get_property(layers GLOBAL PROPERTY VMCULL_LAYERS)

# Those of the command line's own code.
set(with_program command_line log makedumpfile text)

add_library(fuzz_driver OBJECT fuzz/driver.c)
target_link_libraries(fuzz_driver PRIVATE vmc_warnings)
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/fuzz_*.c)
foreach(source IN LISTS sources)
    cmake_path(GET source STEM target)
    string(REPLACE "fuzz_" "" name ${target})
    add_executable(${target} ${source})
    foreach(layer IN LISTS layers)
        target_include_directories(${target} PRIVATE
            $<TARGET_PROPERTY:${layer},INTERFACE_INCLUDE_DIRECTORIES>)
    endforeach()
    target_include_directories(${target} PRIVATE unit)
    target_link_libraries(${target} PRIVATE vmcull_objects vmc_warnings)
    if(name IN_LIST with_program)
        target_sources(${target} PRIVATE $<TARGET_OBJECTS:vmcull_program>)
        target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src/cli)
        target_link_libraries(${target} PRIVATE ${JANSSON_LIBRARY})
    endif()
    target_compile_definitions(${target} PRIVATE SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${name})
    if(fuzzer EQUAL -1)
        target_link_libraries(${target} PRIVATE fuzz_driver)
        add_vmcull_test(unit ${target} 300 ${target} ${corpus})
    else()
        target_link_options(${target} PRIVATE -fsanitize=fuzzer)
        add_vmcull_test(unit ${target} 300 ${target} -runs=0 ${corpus})
        # The same inputs each time, so that what fails is of the change; fuzz/all makes others.
        add_vmcull_test(fuzz ${name} 300 ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/run
            --seconds 60 --timeout 30 --seed 1 $<TARGET_FILE:${target}>)
    endif()
endforeach()
