# SPDX-License-Identifier: GPL-2.0-or-later
# What "cmake --install" puts where.  Components are what packages are made of, see Package.cmake.

# vmcull.pc finds itself: the tree can be moved.
foreach(folder LIBDIR INCLUDEDIR)
    if(IS_ABSOLUTE "${CMAKE_INSTALL_${folder}}")
        message(FATAL_ERROR "CMAKE_INSTALL_${folder} must be relative to the prefix")
    endif()
endforeach()
file(RELATIVE_PATH to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" to_prefix ${to_prefix})
list(JOIN VMCULL_PC_REQUIRES ", " requires)
list(JOIN VMCULL_PC_LIBS " " libs)
configure_file(${CMAKE_SOURCE_DIR}/cmake/vmcull.pc.in ${CMAKE_BINARY_DIR}/vmcull.pc @ONLY)

file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/include/vmcull/*.h)
install(TARGETS vmcull RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR} COMPONENT program)
install(TARGETS vmcull_static ARCHIVE COMPONENT development)
if(TARGET vmcull_shared)
    install(TARGETS vmcull_shared LIBRARY COMPONENT library NAMELINK_COMPONENT development)
endif()
install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vmcull COMPONENT development)
install(FILES ${CMAKE_BINARY_DIR}/vmcull.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
    COMPONENT development)
foreach(section 5 7 8)
    file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.${section})
    install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT program)
endforeach()

# The program tells its own completions, where it has them and this machine can run it.
function(install_completion shell folder name)
    set(file ${CMAKE_BINARY_DIR}/completions/${shell}/${name})
    add_custom_command(OUTPUT ${file}
        COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/completions/${shell}
        COMMAND $<TARGET_FILE:vmcull> --completion=${shell} > ${file}
        DEPENDS vmcull VERBATIM COMMENT "Completions for ${shell}")
    add_custom_target(completion_${shell} ALL DEPENDS ${file})
    install(FILES ${file} DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder} COMPONENT program)
endfunction()
if(NOT VMCULL_LEAN AND NOT CMAKE_CROSSCOMPILING)
    install_completion(bash bash-completion/completions vmcull)
    install_completion(zsh zsh/vendor-completions _vmcull)
    install_completion(fish fish/vendor_completions.d vmcull.fish)
endif()

# install_link(COMPONENT FOLDER NAME TARGET): a relative one, to what is installed as well
function(install_link component folder name target)
    set(link ${CMAKE_BINARY_DIR}/links/${folder}/${name})
    file(RELATIVE_PATH target /${folder} /${target})
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/links/${folder})
    file(CREATE_LINK ${target} ${link} SYMBOLIC)
    install(FILES ${link} DESTINATION ${folder} COMPONENT ${component})
endfunction()

# Under these names the program behaves as its predecessors do.  Debian has makedumpfile in bin, Red Hat's
# scripts ask for /sbin/makedumpfile and /sbin/vmcore-dmesg.
if(VMCULL_COMPAT_LINKS)
    set(program ${CMAKE_INSTALL_SBINDIR}/vmcull)
    install_link(makedumpfile ${CMAKE_INSTALL_BINDIR} makedumpfile ${program})
    if(NOT CMAKE_INSTALL_BINDIR STREQUAL CMAKE_INSTALL_SBINDIR)
        install_link(makedumpfile ${CMAKE_INSTALL_SBINDIR} makedumpfile ${program})
    endif()
    install_link(vmcore-dmesg ${CMAKE_INSTALL_SBINDIR} vmcore-dmesg ${program})
    if(NOT VMCULL_LEAN AND NOT CMAKE_CROSSCOMPILING)
        # Both shells look for a file of the command's name; zsh has read that it is one file for both.
        set(share ${CMAKE_INSTALL_DATADIR})
        install_link(makedumpfile ${share}/bash-completion/completions makedumpfile
            ${share}/bash-completion/completions/vmcull)
        install_link(makedumpfile ${share}/fish/vendor_completions.d makedumpfile.fish
            ${share}/fish/vendor_completions.d/vmcull.fish)
    endif()
    install_link(makedumpfile ${CMAKE_INSTALL_MANDIR}/man8 makedumpfile.8
        ${CMAKE_INSTALL_MANDIR}/man7/vmcull-makedumpfile.7)
    install_link(vmcore-dmesg ${CMAKE_INSTALL_MANDIR}/man8 vmcore-dmesg.8
        ${CMAKE_INSTALL_MANDIR}/man8/vmcull-dmesg.8)
endif()
