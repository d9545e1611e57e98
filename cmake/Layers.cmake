# SPDX-License-Identifier: GPL-2.0-or-later
#
# add_layer(NAME [USES LAYER...] [LIBRARIES TARGET...])
#   src/NAME/*.c as an object library vmc_NAME.  Its headers are reached as "NAME/header.h" through a
#   folder that holds nothing but a link to src/NAME, so that only layers that USE it can see them.
#
# add_library_of_layers(NAME)
#   All layers as libNAME.a and, unless turned off, libNAME.so, with the public headers of include/.

function(add_layer name)
    cmake_parse_arguments(LAYER "" "" "USES;LIBRARIES" ${ARGN})
    set(include_dir ${CMAKE_BINARY_DIR}/layers/${name})
    file(MAKE_DIRECTORY ${include_dir})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${name} ${include_dir}/${name} SYMBOLIC)

    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.c)
    add_library(vmc_${name} OBJECT ${sources})
    target_include_directories(vmc_${name} PUBLIC ${CMAKE_SOURCE_DIR}/include)
    target_include_directories(vmc_${name} PUBLIC $<BUILD_INTERFACE:${include_dir}>)
    list(TRANSFORM LAYER_USES PREPEND vmc_ OUTPUT_VARIABLE used)
    foreach(layer IN LISTS used)
        # Headers only: the objects are put together by the library.
        target_include_directories(vmc_${name} PRIVATE
            $<TARGET_PROPERTY:${layer},INTERFACE_INCLUDE_DIRECTORIES>)
    endforeach()
    target_link_libraries(vmc_${name} PUBLIC ${LAYER_LIBRARIES} Threads::Threads vmc_warnings)
    set_property(GLOBAL APPEND PROPERTY VMCULL_LAYERS vmc_${name})
endfunction()

function(add_library_of_layers name)
    get_property(layers GLOBAL PROPERTY VMCULL_LAYERS)
    set(kinds STATIC)
    if(VMCULL_SHARED_LIBRARY AND NOT VMCULL_STATIC)
        list(APPEND kinds SHARED)
    endif()
    foreach(kind IN LISTS kinds)
        string(TOLOWER ${name}_${kind} target)
        add_library(${target} ${kind})
        foreach(layer IN LISTS layers)
            target_sources(${target} PRIVATE $<TARGET_OBJECTS:${layer}>)
            target_link_libraries(${target} PRIVATE $<TARGET_PROPERTY:${layer},INTERFACE_LINK_LIBRARIES>)
        endforeach()
        target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/include)
        set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name} LINKER_LANGUAGE C)
    endforeach()
    if(TARGET ${name}_shared)
        set_target_properties(${name}_shared PROPERTIES
            VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
    endif()
endfunction()
