#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Equal pages share what they were compressed to; nothing but the size changes, and not by accident.
. "$SRCDIR/tests/cli/functions"
need_command convert
need python3
fixture

run 0 filter -q -d 31 -l vmcore plain
run 0 filter --json --share-pages -d 31 -l vmcore shared
[ "$(json 'd["output"]["shared_pages"] > 0 and d["output"]["shared_bytes"] > 0')" = True ] ||
	fail "nothing is shared"
saved=$(json 'd["output"]["shared_bytes"]')
[ $(($(stat -c %s plain) - saved)) = "$(stat -c %s shared)" ] || fail "it saves something else"
run 0 verify -q --against=vmcore shared
run 0 convert -q shared back
cmp plain back || fail "a copy has not all pages anew"

# The same bytes by any number of threads, as a stream, and out of an uncompressed dump.
for threads in 1 2 3; do
	run 0 filter -q --share-pages --threads=$threads -d 31 -l vmcore other --force
	cmp shared other || fail "with $threads threads it is another file"
done
run 0 filter -F --share-pages -d 31 -l vmcore
mv out flat
run 0 convert -q --share-pages flat other --force
cmp shared other || fail "of a stream comes another file"

# Together with a compact map, without checksums, in parts.
run 0 filter -q --share-pages --compact-map -d 31 -l vmcore both
[ "$(stat -c %s both)" -lt "$(stat -c %s shared)" ] || fail "a compact map does not save more"
run 0 verify -q --against=vmcore both
run 0 filter -q --share-pages --no-checksums -d 31 -l vmcore bare
run 0 verify -q --against=vmcore bare
run 0 filter -q --share-pages --split=3 -d 31 -l vmcore part
run 0 verify -q --against=vmcore part.1 part.2 part.3
run 2 filter --share-pages -E vmcore no
