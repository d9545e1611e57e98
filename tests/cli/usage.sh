#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A wrong command line: exit status 2, a line that says what is wrong, and nothing done.
. "$SRCDIR/tests/cli/functions"

run 2
[ -s out ] && fail "usage belongs to stderr"
grep -q '^Usage: vmcull COMMAND' err || fail "no usage"

run 2 filtr a b; said_usage "unknown command 'filtr'; did you mean 'filter'\?"
run 2 ifno a; said_usage "did you mean 'info'\?"
run 2 xyzzy; said_usage "unknown command 'xyzzy'$"
run 2 --filter a b; said_usage "unknown option '--filter'"
run 2 help xyzzy; said_usage "unknown command 'xyzzy'"
run 2 help filter info; said_usage "unexpected argument 'info'"

run 2 filter; said_usage "VMCORE is missing"
run 2 filter a; said_usage "OUT is missing"
run 1 filter a b c; said "^vmcull: a: No such file"
run 2 filter a "" c; said_usage "VMCORE is empty"
run 2 filter "" b; said_usage "VMCORE is empty"
run 2 filter a -; said_usage "OUT cannot be '-' but with --flattened"
run 2 filter --exlude=free a b; said_usage "unknown option '--exlude'; did you mean '--exclude'\?"
run 2 filter -Q a b; said_usage "unknown option '-Q'"
run 2 filter -fQ a b; said_usage "unknown option '-Q'"
run 2 filter --v a b; said_usage "'--v' is ambiguous"
run 2 filter --force=3 a b; said_usage "'--force' takes no value"
run 2 filter a b -d; said_usage "option '-d' needs a value"
run 2 filter a b --keep; said_usage "option '--keep' needs a value"

# Numbers are read strictly: what atoi() would take for 0 or 31 is refused.
for level in 32 -1 abc 31x 0x1f " 31" +31 "" 3.1 99999999999999999999 1,31; do
	run 2 filter -d "$level" a b
	said_usage "level .* is no number between 0 and 31"
done

run 2 filter --codec=lz4 a b; said_usage "lz4"
run 2 filter --codec=zlib:99 a b; said_usage "99"
run 2 filter --codec=zlib:x a b; said_usage "x"
run 2 filter --codec=lzo:1 a b; said_usage "levels"
run 2 filter -c -l a b; said_usage "only one of -c, -l, -p, -z and --codec"
run 2 filter -z --codec=zlib a b; said_usage "only one of"

run 2 filter --exclude=nonsense a b; said_usage "nonsense"
run 2 filter --exclude=free,,cache a b; said_usage "exclude"
for state in unknown kernel slab page-table; do
	run 2 filter --exclude=$state a b; said_usage "$state"
done
for state in offline hwpoison unaccepted free,offline; do
	run 2 filter --keep=$state a b; said_usage "never read"
done

run 2 info; said_usage "VMCORE is missing"
run 2 info a ""; said_usage "VMCORE is empty"
run 1 info a b; said "^vmcull: a: No such file"
run 2 info --json=1 a; said_usage "'--json' takes no value"
run 2 info --vmcoreinfo --facts a; said_usage "--vmcoreinfo prints nothing else"

# Codecs are those that --version lists; the others are refused, not replaced.
"$VMCULL" --version >version || fail "--version"
for pair in -p:snappy --codec=isal:isal --codec=libdeflate:libdeflate; do
	if grep -q "^codec ${pair#*:}:" version; then
		run 1 filter "${pair%%:*}" nothing-here b; said "nothing-here: No such file"
	else
		run 2 filter "${pair%%:*}" nothing-here b; said_usage "not built in"
	fi
done
run 1 filter -c nothing-here b; said "nothing-here: No such file"

only_files version
