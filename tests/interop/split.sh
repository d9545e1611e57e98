# SPDX-License-Identifier: GPL-2.0-or-later
# The parts of a split dump are the dump: put together, in any order, they are the file that would have
# been written, byte for byte; by makedumpfile too, but for checksums, which it knows nothing of.
set -eu
makedumpfile=${MAKEDUMPFILE:-${VMCULL_LAB:-$HOME/.cache/vmcull-lab}/sid/makedumpfile}
[ -x "$makedumpfile" ] || makedumpfile=$(command -v makedumpfile) ||
	{ echo 'SKIPPED: no makedumpfile'; exit 77; }
reassemble() # PROGRAM...
{
	rm -f whole
	"$@" --reassemble $(ls part.* | sort -r) whole > log 2>&1 || { cat log; exit 1; }
}

for level in 1 31; do
	for checksums in --no-checksums ''; do
		vmcull filter -q -f -d $level -c $checksums "$VMCORE" direct
		for count in 2 5; do
			rm -f part.*
			vmcull filter -q -d $level -c $checksums --split=$count "$VMCORE" part
			[ "$(ls part.* | wc -l)" = $count ]
			reassemble vmcull makedumpfile
			cmp whole direct
			reassemble "$makedumpfile"
			# It makes a zero page of its own, and knows of nothing behind the last page.
			if [ "$checksums" ]; then
				cmp whole direct
			else
				vmcull verify -q --against=direct whole
				vmcull verify -q --against=whole direct
			fi
			echo "level $level, $count parts: $(stat -c %s part.* | xargs) bytes, the same file together"
		done
	done
done
command -v kdump_compare > /dev/null || exit 0
# libkdumpfile 0.5.1 forgets a table.
ASAN_OPTIONS=detect_leaks=0 kdump_compare direct part.3 part.1 part.5 part.2 part.4
