#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# size.sh PROGRAM BYTES: it is static, runs, and is no larger.
set -eu
program=$1 limit=$2
if readelf -d "$program" | grep NEEDED; then
    echo "$program needs shared libraries"
    exit 1
fi
"$program" --version
size=$(stat -c %s "$program")
echo "$size bytes of $limit"
[ "$size" -le "$limit" ]
