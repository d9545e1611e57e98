# SPDX-License-Identifier: GPL-2.0-or-later
# The parts of a split dump are the dump: put together by makedumpfile, in any order, they are the file
# that would have been written, byte for byte.  Checksums, which it drops, are left out.
set -eu
makedumpfile=${MAKEDUMPFILE:-${VMCULL_LAB:-$HOME/.cache/vmcull-lab}/sid/makedumpfile}
[ -x "$makedumpfile" ] || makedumpfile=$(command -v makedumpfile) ||
	{ echo 'SKIPPED: no makedumpfile'; exit 77; }
for level in 1 31; do
	vmcull filter -q -f -d $level -c --no-checksums "$VMCORE" direct
	for count in 2 5; do
		rm -f part.* whole
		vmcull filter -q -d $level -c --no-checksums --split=$count "$VMCORE" part
		[ "$(ls part.* | wc -l)" = $count ]
		"$makedumpfile" --reassemble $(ls part.* | sort -r) whole > log 2>&1 || { cat log; exit 1; }
		cmp whole direct
		echo "level $level, $count parts: $(stat -c %s part.* | xargs) bytes, the same file together"
	done
done
command -v kdump_compare > /dev/null || exit 0
# libkdumpfile 0.5.1 forgets a table.
ASAN_OPTIONS=detect_leaks=0 kdump_compare direct part.3 part.1 part.5 part.2 part.4
