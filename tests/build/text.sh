#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# text.sh SOURCE_DIR: what HACKING.md says of the text of sources.
set -eu
cd "$1"
status=0

mapfile -t sources < <(find src include tests -name '*.[ch]' -o -name '*.def' | sort)
if awk 'FNR == 1 {file = FILENAME} {line = $0; gsub(/[\200-\277]/, "", line); n = 0
        for (i = 1; i <= length(line); i++) n = substr(line, i, 1) == "\t" ? n + 8 - n % 8 : n + 1}
        n > 100 {printf "%s:%d: %d columns\n", file, FNR, n; bad = 1} END {exit !bad}' "${sources[@]}"; then
    status=1
fi
for file in "${sources[@]}"; do
    lines=$(wc -l < "$file")
    [ "$lines" -le 1000 ] || { echo "$file: $lines lines"; status=1; }
    head -n 1 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' ||
        { echo "$file: no SPDX line"; status=1; }
done
# Nothing below the command line prints, exits, or reads the environment.
if grep -nE '\<(printf|puts|putchar|perror|exit|_exit|getenv|secure_getenv)[ ]*\(|\<(stdout|stderr)\>' \
    $(find src -name '*.[ch]' -not -path 'src/cli/*'); then
    status=1
fi
# What brings scanf() or strtod() into a static program, 130 KB: cli/calendar.h has dates.  In a lean build
# strtod() is not even there.
if grep -nE '\<(v?f?scanf|v?sscanf|strto(f|d|ld)|atof|(gm|local)time(_r)?|ctime(_r)?|mktime|strftime)[ ]*\(' \
    $(find src -name '*.[ch]'); then
    status=1
fi
# What src/cli/CMakeLists.txt leaves out of a lean program.
if grep -nE '\<(pthread_(cancel|exit|cleanup_push)|setlocale|newlocale|iconv_open|dlopen|fwide|v?f?wprintf)[ ]*\(' \
    $(find src -name '*.[ch]'); then
    status=1
fi
exit $status
