# SPDX-License-Identifier: GPL-2.0-or-later
# Streams that were cut off, of makedumpfile and ours: what came is there, and equal, for vmcull and,
# once it is a file, for libkdumpfile.  Less than what came is not taken for all of it.
set -eu
makedumpfile=${MAKEDUMPFILE:-${VMCULL_LAB:-$HOME/.cache/vmcull-lab}/sid/makedumpfile}
[ -x "$makedumpfile" ] || makedumpfile=$(command -v makedumpfile) || makedumpfile=
compare=$(command -v kdump_compare) || compare=

# count FIELD FILE: of the pages, against the dump
count()
{
	vmcull verify -q --json --against="$VMCORE" "$2" > verified 2> log || [ $? = 3 ]
	! grep -q '"good": false' verified || return 1
	sed -n 's/.*"'"$1"'": *\([0-9]*\).*/\1/p' verified
}

check_cut()
{
	size=$(stat -c %s stream)
	before=0
	for percent in 5 30 60 90 100; do
		# The last one lacks only its end mark.
		head -c $(((size - 16) * percent / 100)) stream > cut
		rm -f converted rearranged*
		status=0
		vmcull convert -q cut converted 2> log || status=$?
		if [ $status = 1 ] && [ $before = 0 ] && [ $percent -lt 60 ]; then
			echo "$1, $percent %: nothing of it yet: $(tail -n 1 log)"
			continue
		fi
		[ $status = 3 ] || { echo "$1, $percent %: convert ends with $status"; cat log; exit 1; }
		now=$(count equal_pages cut)
		[ "$now" -ge $before ] && [ "$(count equal_pages converted)" = "$now" ] ||
			{ echo "$1, $percent %: $now pages, $before before, $(cat verified)"; exit 1; }
		! vmcull makedumpfile -R rearranged < cut > log 2>&1 || { echo "$1: -R is content"; exit 1; }
		[ ! -e rearranged ] && [ "$(count equal_pages rearranged.incomplete)" = "$now" ] ||
			{ echo "$1, $percent %: -R left $(cat verified), not $now"; exit 1; }
		[ -z "$compare" ] || ASAN_OPTIONS=detect_leaks=0 "$compare" "$VMCORE" converted > log 2>&1 || { cat log; exit 1; }
		echo "$1, $percent %: $now pages, equal"
		before=$now
	done
	[ "$before" -gt $(($(count equal_pages stream) - 8)) ] || { echo "$1: $before of $(cat verified)"; exit 1; }
}

for options in '-l -d 1' '-c -d 31'; do
	# shellcheck disable=SC2086
	vmcull makedumpfile -F $options "$VMCORE" > stream 2> log
	check_cut "ours, $options"
	[ -n "$makedumpfile" ] || continue
	# shellcheck disable=SC2086
	"$makedumpfile" -F $options "$VMCORE" > stream 2> log || { echo "makedumpfile: $(tail -n 1 log)"; continue; }
	check_cut "makedumpfile, $options"
done
