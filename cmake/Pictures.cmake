# SPDX-License-Identifier: GPL-2.0-or-later
# The sources of the optional part "pictures" of layer audit, and the page that a report is made from.
if(VMCULL_WITH_PICTURES STREQUAL OFF)
    target_sources(vmc_audit PRIVATE ${CMAKE_SOURCE_DIR}/src/audit/picture/none.c)
    return()
endif()

file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/audit/picture/*.c)
list(FILTER sources EXCLUDE REGEX "/none\\.c$")
target_sources(vmc_audit PRIVATE ${sources})

# Each file of html/ as a string of its own name: page.html is page_html.
file(GLOB parts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/audit/picture/html/*)
set(page ${CMAKE_BINARY_DIR}/audit/page.c)
add_custom_command(OUTPUT ${page}
    COMMAND ${CMAKE_COMMAND} -D "PARTS=${parts}" -D OUTPUT=${page}
        -P ${CMAKE_SOURCE_DIR}/cmake/EmbedText.cmake
    DEPENDS ${parts} ${CMAKE_SOURCE_DIR}/cmake/EmbedText.cmake VERBATIM
    COMMENT "Embedding the page of reports")
target_sources(vmc_audit PRIVATE ${page})
