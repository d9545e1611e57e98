# SPDX-License-Identifier: GPL-2.0-or-later
# cmake -D PARTS=FILE;FILE… -D OUTPUT=FILE.c -P EmbedText.cmake
#   Each file as a C array of characters that ends with 0: "const char map_js[]" for map.js.
set(text "/* Made from the files named below: do not edit. */\n#include \"audit/picture/page.h\"\n")
foreach(part IN LISTS PARTS)
    cmake_path(GET part FILENAME name)
    string(MAKE_C_IDENTIFIER ${name} identifier)
    file(READ ${part} bytes HEX)
    string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
    string(APPEND text "\n/* ${name} */\nconst char ${identifier}[] = {\n${bytes}\n0};\n")
endforeach()
file(WRITE ${OUTPUT} "${text}")
