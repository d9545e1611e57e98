# SPDX-License-Identifier: GPL-2.0-or-later
# "cpack -G DEB" in the build folder: vmcull, libvmcull0, libvmcull-dev and, with VMCULL_COMPAT_LINKS,
# vmcull-makedumpfile, which takes the place of Debian's makedumpfile.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "${VMCULL_PACKAGER}")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/cmake/CompressManual.cmake)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # it would go before each synopsis
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_COMPONENTS_ALL program)

# add_package(COMPONENT NAME SECTION DESCRIPTION): the first line of DESCRIPTION is the synopsis.
macro(add_package component name section description)
    string(TOUPPER ${component} upper)
    set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name})
    set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${section})
    set(CPACK_DEBIAN_${upper}_DESCRIPTION "${description}")
    list(APPEND CPACK_COMPONENTS_ALL ${component})
    list(REMOVE_DUPLICATES CPACK_COMPONENTS_ALL)
    # Only in packages, where each has to say whose it is.
    install(FILES ${CMAKE_SOURCE_DIR}/cmake/copyright DESTINATION share/doc/${name}
        COMPONENT ${component} EXCLUDE_FROM_ALL)
endmacro()

add_package(program vmcull utils "shrinks Linux crash dumps
Reads the dump of a crashed Linux machine (a vmcore), tells the state of every
page in it from the memory map of the kernel, and writes a dump without the
pages that nobody will look at, for crash, drgn and other tools.")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "kexec-tools")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "crash, kdump-tools")

if(TARGET vmcull_shared)
    add_package(library libvmcull${PROJECT_VERSION_MAJOR} libs "reads and shrinks Linux crash dumps (library)
The library that vmcull is made with.")
    set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)

    add_package(development libvmcull-dev libdevel "reads and shrinks Linux crash dumps (development files)
Headers, and what is needed to build programs with libvmcull.")
    set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
        "libvmcull${PROJECT_VERSION_MAJOR} (= ${PROJECT_VERSION})")
endif()

# kdump-tools recommends makedumpfile, and others may ask for a version of it: the one whose command line
# is followed.  Its package has the same files, so both cannot be there.  vmcore-dmesg stays that of
# kexec-tools, which kdump-tools depends on, and no script of Debian calls it.
if(VMCULL_COMPAT_LINKS)
    add_package(makedumpfile vmcull-makedumpfile utils "vmcull in place of makedumpfile
Has kdump-tools, and whoever else calls makedumpfile, call vmcull, which then
takes the same options and behaves the same.")
    set(CPACK_DEBIAN_MAKEDUMPFILE_PACKAGE_ARCHITECTURE all)
    set(CPACK_DEBIAN_MAKEDUMPFILE_PACKAGE_DEPENDS "vmcull (= ${PROJECT_VERSION})")
    set(CPACK_DEBIAN_MAKEDUMPFILE_PACKAGE_PROVIDES "makedumpfile (= 1:1.7.8)")
    set(CPACK_DEBIAN_MAKEDUMPFILE_PACKAGE_CONFLICTS "makedumpfile")
    set(CPACK_DEBIAN_MAKEDUMPFILE_PACKAGE_REPLACES "makedumpfile")
endif()
include(CPack)
