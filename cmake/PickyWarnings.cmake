# SPDX-License-Identifier: GPL-2.0-or-later
# vmc_warnings: the warnings that every part is compiled with, each only where the compiler has it.
include(CheckCCompilerFlag)

add_library(vmc_warnings INTERFACE)
foreach(flag
        -Wall -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes -Wold-style-definition
        -Wmissing-prototypes -Wmissing-declarations -Wpointer-arith -Wcast-align=strict -Wundef -Wvla
        -Wwrite-strings -Wimplicit-fallthrough -Wnull-dereference -Wlogical-op -Wduplicated-cond
        -Wduplicated-branches -Wunused-macros -Wdouble-promotion)
    string(MAKE_C_IDENTIFIER HAVE_${flag} have)
    check_c_compiler_flag(${flag} ${have})
    if(${have})
        target_compile_options(vmc_warnings INTERFACE ${flag})
    endif()
endforeach()
if(VMCULL_WERROR)
    target_compile_options(vmc_warnings INTERFACE -Werror)
endif()
