#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# --threads and --memory-limit: the same bytes by any number, which memory makes lower, and what is told.
. "$SRCDIR/tests/cli/functions"
need python3
fixture

# by NUMBER: so many threads were told of.
by()
{
	[ "$(json 'd["output"]["threads"]')" -eq "$1" ] || fail "not by $1 threads"
}

run 2 filter --threads=0 vmcore result
said_usage "--threads: '0' is neither auto nor a number between 1 and 1024"
run 2 filter --threads=many vmcore result
said_usage "--threads: 'many'"
run 2 filter --memory-limit=much vmcore result
said_usage "--memory-limit: 'much' is no size"

for form in -d31 -d0 -E "-l -F" "-l --split=3"; do
	for threads in 1 2 3 8; do
		rm -f result*
		# shellcheck disable=SC2086
		case $form in
		*-F) "$VMCULL" filter -q $form --threads=$threads vmcore >result 2>err || fail "$form" ;;
		*) run 0 filter -q $form --threads=$threads vmcore result ;;
		esac
		cat result* >by-$threads
		cmp by-$threads by-1 || fail "$form: not the same bytes by $threads threads"
	done
done
rm -f by-* result*

run 0 filter --json --threads=3 -l vmcore result
by 3
memory=$(json 'd["output"]["threads_memory"]')
run 0 filter --json -f --threads=8 --memory-limit="$memory" -l vmcore result
by 3
run 0 filter --json -f --threads=8 --memory-limit=$((memory - 1)) -l vmcore result
by 2
run 1 filter -f --memory-limit=4K -l vmcore result
said "a memory limit of 4096 bytes is too low: one thread takes up to "
run 0 filter -v -f --threads=2 -l vmcore result
grep -q '^threads  *2, in .* of memory at most$' out || fail "-v does not tell of threads"
run 0 filter --json -f --threads=auto -l vmcore result
cpus=$(python3 -c 'import os; print(len(os.sched_getaffinity(0)))')
[ "$(json 'd["output"]["threads"]')" -le "$cpus" ] || fail "more threads than CPUs"
if command -v taskset >/dev/null; then
	taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')" \
		"$VMCULL" filter --json -f -l vmcore result >out 2>err </dev/null || fail "on one CPU"
	by 1
fi

if ! "$VMCULL" --version | grep -Eq '^without .*\<convert\>'; then
	run 0 filter -qf -d 0 --threads=1 vmcore result
	for threads in 1 3; do
		run 0 convert -qf --codec=lzo --threads=$threads result by-$threads
		run 0 convert --json -f --codec=lzo --threads=$threads result by-$threads
		by $threads
	done
	cmp by-1 by-3 || fail "convert: not the same bytes"
	run 1 convert -f --memory-limit=4K result by-3
	said "a memory limit of 4096 bytes is too low"
fi

# Where there are no stacks and buffers for more, fewer threads write the same.  (Sanitizers need more than any
# limit.)
run 0 filter -qf -l --threads=1 vmcore by-1
if (ulimit -v 65536 && "$VMCULL" --version) >/dev/null 2>&1; then
	fewer=no
	for limit in 65536 49152 40960 36864 32768 28672; do
		(ulimit -v $limit && "$VMCULL" filter --json -f -l --threads=64 vmcore by-64) >out 2>err || {
			grep -q 'out of memory' err || fail "in $limit KiB"
			[ $limit -lt 40960 ] || fail "no dump in $limit KiB"
			continue
		}
		cmp by-64 by-1 || fail "other bytes in $limit KiB"
		[ "$(json 'd["output"]["threads"]')" -eq 64 ] || fewer=yes
	done
	[ $fewer = yes ] || fail "64 threads in any memory"
fi
