# SPDX-License-Identifier: GPL-2.0-or-later
#
# add_layer(NAME [HOT] [FOLDERS FOLDER...] [PUBLIC HEADER...] [USES LAYER...] [LIBRARIES TARGET...])
#   src/NAME/*.c, and src/NAME/FOLDER/*.c, as an object library vmc_NAME.  Its headers are reached as "NAME/header.h", its part of
#   include/ as <vmcull/header.h>, each through a folder that holds nothing but links to them, so that
#   only layers that USE it can see them.  HOT: every page goes through it, so it is compiled for speed in the
#   build that is to be small, too: with -Os the capture program took 2.7 times the CPU (checksums and zero
#   test call functions for words), with all layers HOT it would be 100 KB larger.
#
# check_public_headers(UMBRELLA...)
#   Every header in include/vmcull/ is of one layer, or of none because it only includes the others.
#
# add_library_of_layers(NAME)
#   All layers as libNAME.a and, unless turned off, libNAME.so, with the public headers of include/;
#   and as NAME_objects, which is not installed and shows internal symbols to unit tests.

function(add_layer name)
    cmake_parse_arguments(LAYER "HOT" "" "FOLDERS;PUBLIC;USES;LIBRARIES" ${ARGN})
    set(view ${CMAKE_BINARY_DIR}/layers/${name})
    file(REMOVE_RECURSE ${view})
    file(MAKE_DIRECTORY ${view}/vmcull)
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${name} ${view}/${name} SYMBOLIC)
    foreach(header IN LISTS LAYER_PUBLIC)
        file(CREATE_LINK ${CMAKE_SOURCE_DIR}/include/vmcull/${header}.h ${view}/vmcull/${header}.h SYMBOLIC)
    endforeach()
    set_property(GLOBAL APPEND PROPERTY VMCULL_PUBLIC_HEADERS ${LAYER_PUBLIC})

    list(TRANSFORM LAYER_FOLDERS PREPEND ${CMAKE_SOURCE_DIR}/src/${name}/)
    list(TRANSFORM LAYER_FOLDERS APPEND /*.c)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.c ${LAYER_FOLDERS})
    add_library(vmc_${name} OBJECT ${sources})
    target_include_directories(vmc_${name} PUBLIC ${view})
    foreach(layer IN LISTS LAYER_USES)
        # Headers only: the objects are put together by the library.
        target_include_directories(vmc_${name} PRIVATE ${CMAKE_BINARY_DIR}/layers/${layer})
    endforeach()
    target_link_libraries(vmc_${name} PUBLIC ${LAYER_LIBRARIES} Threads::Threads vmc_warnings)
    if(LAYER_HOT)
        target_compile_options(vmc_${name} PRIVATE $<$<CONFIG:MinSizeRel>:-O2>)
    endif()
    set_property(GLOBAL APPEND PROPERTY VMCULL_LAYERS vmc_${name})
    list(JOIN LAYER_USES " " used)
    set_property(GLOBAL APPEND_STRING PROPERTY VMCULL_USES "${name} ${used}\n")
endfunction()

function(check_public_headers)
    get_property(headers GLOBAL PROPERTY VMCULL_PUBLIC_HEADERS)
    file(GLOB all CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/include/vmcull/*.h)
    foreach(path IN LISTS all)
        cmake_path(GET path STEM header)
        if(NOT header IN_LIST headers AND NOT header IN_LIST ARGN)
            message(FATAL_ERROR "include/vmcull/${header}.h is of no layer: name it after PUBLIC in CMakeLists.txt")
        endif()
    endforeach()
endfunction()

# One object of all layers, in which hidden symbols are local: a static library must not take names
# such as error_context() from the program that links it.
function(add_joined_object output)
    set(objects)
    foreach(layer IN LISTS ARGN)
        list(APPEND objects $<TARGET_OBJECTS:${layer}>)
    endforeach()
    add_custom_command(OUTPUT ${output}
        COMMAND ${CMAKE_C_COMPILER} -r -nostdlib -o ${output} ${objects}
        COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${output}
        DEPENDS ${ARGN} ${objects} COMMAND_EXPAND_LISTS VERBATIM
        COMMENT "Joining the layers")
endfunction()

function(add_library_of_layers name)
    get_property(uses GLOBAL PROPERTY VMCULL_USES)
    file(WRITE ${CMAKE_BINARY_DIR}/layers/uses.txt "${uses}") # for tests/build/layers.sh
    get_property(layers GLOBAL PROPERTY VMCULL_LAYERS)
    set(kinds objects static)
    if(VMCULL_SHARED_LIBRARY AND NOT VMCULL_STATIC)
        list(APPEND kinds shared)
    endif()

    add_library(${name}_objects STATIC EXCLUDE_FROM_ALL)
    add_library(${name}_static STATIC)
    set_target_properties(${name}_static PROPERTIES OUTPUT_NAME ${name})
    if("shared" IN_LIST kinds)
        add_library(${name}_shared SHARED)
        set_target_properties(${name}_shared PROPERTIES OUTPUT_NAME ${name}
            VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
    endif()

    foreach(kind IN LISTS kinds)
        foreach(layer IN LISTS layers)
            # Sanitizers keep tables of the symbols of each object, which joining would upset.
            if(NOT kind STREQUAL static OR VMCULL_SANITIZE)
                target_sources(${name}_${kind} PRIVATE $<TARGET_OBJECTS:${layer}>)
            endif()
            target_link_libraries(${name}_${kind} PRIVATE $<TARGET_PROPERTY:${layer},INTERFACE_LINK_LIBRARIES>)
        endforeach()
        target_include_directories(${name}_${kind} PUBLIC ${CMAKE_SOURCE_DIR}/include)
        set_target_properties(${name}_${kind} PROPERTIES LINKER_LANGUAGE C)
    endforeach()
    if(NOT VMCULL_SANITIZE)
        set(joined ${CMAKE_BINARY_DIR}/layers/${name}.o)
        add_joined_object(${joined} ${layers})
        target_sources(${name}_static PRIVATE ${joined})
    endif()
endfunction()
