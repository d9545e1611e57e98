#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# info of a dump whose kernel is not understood tells what is known of the file, and then fails.
. "$SRCDIR/tests/cli/functions"
need python3

make_elf vmcore
run 1 info --facts --runs vmcore
grep -Eq '^format  *elf$' out || fail "no format"
grep -Eq '^file size  *16384 bytes' out || fail "no file size"
grep -Eq '^memory  *1 ranges with content, 8\.0 KiB$' out || fail "no memory"
grep -Eq '^vmcull: vmcore: .*VMCOREINFO' err || fail "no reason"

run 1 info --json --facts --runs --vmcoreinfo vmcore
[ "$(json 'd["schema"], d["format"], d["file_size"]')" = "('vmcull.info/1', 'elf', 16384)" ] ||
	fail "JSON: head"
[ "$(json 'd["kernel"], d["facts"], d["runs"]')" = "(None, [], [])" ] || fail "JSON: kernel"
[ "$(json 'd["memory"]["bytes_with_content"]')" = 8192 ] || fail "JSON: memory"
[ "$(json '"VMCOREINFO" in d["error"] and d["error"] in open("err").read()')" = True ] ||
	fail "JSON: error"

run 1 info --vmcoreinfo vmcore
[ -s out ] && fail "--vmcoreinfo printed something"
grep -Eq '^vmcull: vmcore: .*VMCOREINFO' err || fail "no reason"
only_files vmcore
