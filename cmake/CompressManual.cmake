# SPDX-License-Identifier: GPL-2.0-or-later
# Run by cpack before it makes packages: Debian's manual pages are compressed, links to them too.
file(GLOB pages ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*/usr/share/man/man*/*.[1-9])
foreach(page IN LISTS pages)
    if(IS_SYMLINK ${page})
        file(READ_SYMLINK ${page} target)
        file(REMOVE ${page})
        file(CREATE_LINK ${target}.gz ${page}.gz SYMBOLIC)
    else()
        execute_process(COMMAND gzip -9n ${page} COMMAND_ERROR_IS_FATAL ANY)
    endif()
endforeach()
