# SPDX-License-Identifier: GPL-2.0-or-later
# Every kept page of the output is byte-equal to the dump, and every other one is absent: read through
# libkdumpfile, at each dump level and with each codec.
set -eu
command -v kdump_compare > /dev/null || { echo "SKIPPED: kdump_compare needs libkdumpfile"; exit 77; }

filter_and_compare() # NAME OPTION...
{
	name=$1 status=0
	shift
	vmcull filter "$@" "$VMCORE" out > filter.log 2>&1 || status=$?
	if [ $status != 0 ]; then
		cat filter.log
		grep -q 'not built in' filter.log && return
		exit 1
	fi
	echo "$name: $(kdump_compare "$VMCORE" out)" | tee compare.log
	grep -q ' 0 mistakes$' compare.log
	rm out
}

for level in 0 1 2 4 8 16 31; do
	filter_and_compare "level $level" -d $level
done
for codec in none zlib lzo snappy zstd:3; do
	filter_and_compare "codec $codec" --codec $codec
done
