# SPDX-License-Identifier: GPL-2.0-or-later
# A terabyte is filtered in 16 MiB and 1 MiB for each thread, however its pages lie.
set -eu
MEMORY_GIB=1024 MEMORY_KINDS="ordinary fragmented alternating" MEMORY_THREADS="1 2"
export MEMORY_GIB MEMORY_KINDS MEMORY_THREADS
exec sh "$SRCDIR/tests/cli/memory.sh"
