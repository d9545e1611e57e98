# SPDX-License-Identifier: GPL-2.0-or-later
set(here ${CMAKE_CURRENT_SOURCE_DIR}/build)

add_vmcull_test(build layers 600 ${here}/layers.sh ${CMAKE_C_COMPILER} ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
add_vmcull_test(build text 600 ${here}/text.sh ${CMAKE_SOURCE_DIR})

# With a sanitizer in them the libraries are not what is installed.
if(TARGET vmcull_shared AND NOT VMCULL_SANITIZE)
    add_vmcull_test(build exports 600 ${here}/exports.sh ${CMAKE_NM} ${CMAKE_SOURCE_DIR}
        $<TARGET_FILE:vmcull_shared> $<TARGET_FILE:vmcull_static>)
    add_vmcull_test(build install 600 ${here}/install.sh ${CMAKE_C_COMPILER} ${CMAKE_COMMAND}
        ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
    add_vmcull_test(build deb 600 ${here}/deb.sh ${CMAKE_CPACK_COMMAND} ${CMAKE_C_COMPILER} ${CMAKE_BINARY_DIR})
    add_vmcull_test(build links 600 ${here}/links.sh ${CMAKE_COMMAND} ${CMAKE_SOURCE_DIR} ${CMAKE_C_COMPILER})
endif()
if(VMCULL_LEAN)
    add_vmcull_test(build size 600 ${here}/size.sh $<TARGET_FILE:vmcull> 1500000)
endif()
