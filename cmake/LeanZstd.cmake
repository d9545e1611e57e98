# SPDX-License-Identifier: GPL-2.0-or-later
#
# Leaves 335 KB out of a lean program: the match finders of libzstd.a that only levels from 4 on use, and
# the decoders of the formats before zstd 0.8.  ZSTD_compress2() and ZSTD_decompressDCtx() refer to all
# of them, so the linker is told to take other functions for theirs, and the members of the archive
# that hold them stay out.  codec/zstd.c ends at level 3 then, and refuses such frames through the one
# function that is asked first; nothing calls the others, and abort() stands for them.
execute_process(COMMAND ${CMAKE_NM} --defined-only --extern-only ${ZSTD_LIBRARY}
    OUTPUT_VARIABLE listing COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" listing "${listing}")

set(replaced)
set(member)
foreach(line IN LISTS listing)
    if(line MATCHES ":$")
        set(member ${line})
    elseif(member MATCHES "^zstd_(lazy|opt|v0[1-7])\\." AND line MATCHES " [TDRB] ([A-Za-z0-9_]+)$")
        set(symbol ${CMAKE_MATCH_1})
        if(symbol MATCHES "_findFrameSizeInfoLegacy$")
            set(other vmc_zstd_refuse_legacy)
        else()
            set(other abort)
        endif()
        list(APPEND replaced LINKER:--defsym=${symbol}=${other})
    endif()
endforeach()
if(NOT "LINKER:--defsym=ZSTD_compressBlock_lazy=abort" IN_LIST replaced)
    message(FATAL_ERROR "${ZSTD_LIBRARY} is not built as expected: use VMCULL_LEAN=OFF")
endif()
target_link_options(vmc_lib_ZSTD INTERFACE ${replaced})
add_compile_definitions(VMCULL_LEAN=1)
