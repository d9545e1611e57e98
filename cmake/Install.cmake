# SPDX-License-Identifier: GPL-2.0-or-later
# What "cmake --install" puts where; the program is installed by src/cli/CMakeLists.txt.

list(JOIN VMCULL_PC_REQUIRES ", " requires)
list(JOIN VMCULL_PC_LIBS " " libs)
configure_file(${CMAKE_SOURCE_DIR}/cmake/vmcull.pc.in ${CMAKE_BINARY_DIR}/vmcull.pc @ONLY)

file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/include/vmcull/*.h)
file(GLOB pages_8 CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.8)
file(GLOB pages_7 CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.7)
file(GLOB pages_5 CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.5)
install(TARGETS vmcull_static ARCHIVE)
if(TARGET vmcull_shared)
    install(TARGETS vmcull_shared LIBRARY)
endif()
install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vmcull)
install(FILES ${CMAKE_BINARY_DIR}/vmcull.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${pages_8} DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES ${pages_7} DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
install(FILES ${pages_5} DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
