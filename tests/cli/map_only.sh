# SPDX-License-Identifier: GPL-2.0-or-later
# A dump with nothing but what an audit reads: what is in it, what it says of itself, and that an audit
# answers as on the whole dump.
. "$SRCDIR/tests/cli/functions"
need python3 zstd
fixture
# One with the kernel's symbols and types, if there is none yet.
if [ -z "${VMCULL_FIXTURE:-}" ] && [ -f "$SRCDIR/testdata/whole/vmcore.zst" ]; then
	rm vmcore
	"$SRCDIR/tests/unpack" "$SRCDIR/testdata/whole/vmcore.zst" "$PWD/vmcore" || fail "cannot unpack"
	rm -f vmcore.lock
fi

# answers FILE: what an audit says, but for what is about the file and its content.
answers()
{
	run 0 audit --json "$@"
	json '[(d["dump"]["kernel_release"], d["unaccepted"], d["findings"], d["left_out"]),
		[(s["state"], s["pages"], s["orders"]) for s in d["states"]], d["attributes"],
		[{k: v for k, v in z.items() if k != "states"} for z in d["zones"]]]'
}

answers vmcore >whole
[ -s whole ] || fail "no audit"
run 0 audit --ranges vmcore
cp out whole-ranges

for options in '' --no-btf '--no-btf --no-log --anonymous'; do
	run 0 filter -f --map-only $options vmcore small
	grep -Eq '^state +pages +kept' out || fail "no table of states"
	grep -Eq '^memory map +[1-9][0-9]* +[1-9][0-9]* ' out || fail "no memory map among the parts"
	grep -Eq '^output .*, zstd level [0-9]+$' out || fail "no output"
	for state in slab free cache anon; do
		grep -Eq "^$state +[1-9][0-9]* +0 " out || fail "$state pages are kept"
	done
	answers small >stripped
	diff whole stripped >differences || fail "audit differs with '$options': $(head -n 5 differences)"
	run 0 info --json small
	[ "$(json '[k for k, v in d["history"].items() if v is True], d["history"]["dump_level"]')" = \
		"(['filtered', 'map_only'], 31)" ] || fail "history"
	run 0 audit --ranges small
	cmp out whole-ranges || fail "other ranges with '$options'"
	mv small "with${options%% *}${options##* }"
done
mv with small
mv with--no-btf--no-btf small--no-btf
[ "$(stat -c %s small)" -gt "$(stat -c %s small--no-btf)" ] || fail "--no-btf makes no difference"

# Facts that came from symbols and types still do.
run 0 info --facts --json vmcore
json '[f for f in d["facts"] if f["source"] in ("kallsyms", "btf")]' >before
run 0 info --facts --json small--no-btf
json '[f for f in d["facts"] if f["source"] in ("kallsyms", "btf")]' >after
cmp before after || fail "other facts"
# A build without libbpf has no types to begin with, and says so.
"$VMCULL" --version | grep -q '^part libbpf' && missing='' || missing='libbpf'
json 'd["kernel"]["type_information"]' | grep -q "$missing" || fail "nothing is said of types"
[ -n "$missing" ] || [ "$(json 'd["kernel"]["type_information"]')" = "" ] || fail "something is missing"

# The same bytes again, of the stripped dump too; its notes are not doubled.
run 0 filter -q --map-only vmcore again
cmp small again || fail "two runs differ"
run 0 filter -q --map-only small twice
cmp small twice || fail "stripping a stripped dump changes it"
run 0 filter -q --map-only small--no-btf thrice
run 0 info --facts --json thrice
json '[f for f in d["facts"] if f["source"] in ("kallsyms", "btf")]' >after
cmp before after || fail "other facts in a dump stripped twice"
run 0 filter -q -d 31 small level31
[ "$(grep -c VMCULL level31)" = "$(grep -c VMCULL small)" ] || fail "notes are lost or doubled"
run 0 info --json level31
[ "$(json 'd["history"]["map_only"]')" = True ] || fail "it no longer says that it is a map only"

# The names are gone from headers, memory and log, which is still one.
run 0 filter -qf --map-only --no-btf --anonymous --codec=none vmcore anonymous
run 0 filter -qf --map-only --no-btf --codec=none vmcore named
settings=$(tr ' ' '\n' <"$SRCDIR/testdata/whole/cmdline" | grep = | head -n 3)
for setting in $settings; do
	grep -aqF "$setting" named || fail "the test looks for what is not there: $setting"
	grep -aqF "$setting" anonymous && fail "$setting is still there"
done
grep -aq "Kernel command line:" anonymous || fail "no log"
grep -aq "Kernel command line:" with--no-btf--anonymous && fail "--no-log keeps the log"

# In JSON.
run 0 filter -qf --map-only --json vmcore small
json 'sorted(p["part"] for p in d["map_only"]["parts"])' | grep -q "'memory map'" || fail "parts"
[ "$(json 'd["map_only"]["refused_bytes"], d["map_only"]["unreadable_bytes"]')" = "(0, 0)" ] ||
	fail "something is refused"

# What does not go together.
for option in --no-btf --no-log --anonymous; do
	run 2 filter $option vmcore none
	said_usage "$option goes with --map-only only"
done
run 2 filter --map-only -d 31 vmcore none
said_usage "--map-only and --level exclude each other"
run 2 filter --map-only --exclude=hugetlb vmcore none
said_usage "--map-only and --exclude or --keep exclude each other"
[ -e none ] && fail "an output in spite of a wrong command line"
exit 0
