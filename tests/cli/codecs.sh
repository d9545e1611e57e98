#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every codec that is built in writes a dump that reads back as the same memory.
. "$SRCDIR/tests/cli/functions"
need python3
fixture

run 0 --version
sed -n 's/^codec \([a-z]*\):.*/\1/p' out >codecs
echo none >>codecs
while read -r codec; do
	run 0 filter -qf --json --codec="$codec" vmcore "result-$codec"
	[ "$(json 'd["output"]["codec"]')" = "$codec" ] || fail "another codec"
	if [ "$codec" = auto ]; then # each of its formats is taken as one of its own
		[ $(($(dump_status result-auto) & 39)) -eq 34 ] || fail "auto is not LZO and zstd"
		run 0 filter -qf --codec=lzo result-auto all-lzo
		run 0 filter -qf --codec=none all-lzo all-none
		run 0 filter -qf --codec=none vmcore none
		run 0 filter -qf --codec=none none again-none
		cmp all-none again-none || fail "auto: the content differs"
		rm -f result-auto all-lzo all-none none again-none
		continue
	fi
	# Filtered once more, by the default codec, all of them become the same file.
	run 0 filter -q "result-$codec" "again-$codec"
	cmp "again-zstd" "again-$codec" || fail "$codec: the content differs"
	[ "$codec" = none ] || rm "result-$codec"
done <codecs

# What was not compressed must be larger than what was.
[ "$(stat -c %s result-none)" -gt "$(stat -c %s again-zstd)" ] || fail "none is not none"
rm -f again-* result-none

run 0 filter -q -c vmcore zlib
[ $(($(dump_status zlib) & 39)) -eq 1 ] || fail "-c is not zlib"
run 0 filter -q -l vmcore lzo
[ $(($(dump_status lzo) & 39)) -eq 2 ] || fail "-l is not LZO"
run 0 filter -q -z vmcore zstd
[ $(($(dump_status zstd) & 39)) -eq 32 ] || fail "-z is not zstd"
if grep -q '^snappy$' codecs; then
	run 0 filter -q -p vmcore snappy
	[ $(($(dump_status snappy) & 39)) -eq 4 ] || fail "-p is not snappy"
fi
# A lean build has fewer levels.
run 0 --version
highest=$(sed -n 's/^codec zstd:.* to \([0-9]*\)$/\1/p' out)
run 0 filter -q --codec="zstd:${highest:?}" vmcore strong
! cmp -s strong zstd || fail "level $highest is the same as level 1"
run 2 filter --codec="zstd:$((highest + 1))" vmcore stronger; said_usage "is out of range"
