# SPDX-License-Identifier: GPL-2.0-or-later
# Each test_NAME.c is a program of its own (cmocka), linked against all layers.
find_library(CMOCKA_LIBRARY cmocka REQUIRED)
get_property(layers GLOBAL PROPERTY VMCULL_LAYERS)

file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_*.c)
foreach(source IN LISTS sources)
    cmake_path(GET source STEM name)
    add_executable(${name} ${source})
    foreach(layer IN LISTS layers)
        target_include_directories(${name} PRIVATE $<TARGET_PROPERTY:${layer},INTERFACE_INCLUDE_DIRECTORIES>)
    endforeach()
    target_link_libraries(${name} PRIVATE vmcull_objects ${CMOCKA_LIBRARY} vmc_warnings)
    target_compile_definitions(${name} PRIVATE SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_vmcull_test(unit ${name} 300 ${name})
endforeach()
