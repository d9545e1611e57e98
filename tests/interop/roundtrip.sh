# SPDX-License-Identifier: GPL-2.0-or-later
# A dump in every form that there is, back from each to a kdump file and to ELF: all pages and the map of
# memory stay the same, and what is made of equal input is equal.
set -eu
makedumpfile=${MAKEDUMPFILE:-${VMCULL_LAB:-$HOME/.cache/vmcull-lab}/sid/makedumpfile}
[ -x "$makedumpfile" ] || makedumpfile=$(command -v makedumpfile) || makedumpfile=
machine=$(vmcull info --json "$VMCORE" | sed -n 's/.*"machine": *"\([^"]*\)".*/\1/p' | head -n 1)
# Made for one kind of machine.
[ "$(uname -m)" = "$machine" ] || makedumpfile=
# libkdumpfile does not read kdump files of ARM rightly.
compare=$(command -v kdump_compare) || compare=
case $machine in arm*) compare= ;; esac

# same_pages ORIGINAL FILE, or three parts: no findings, every page of ORIGINAL in one of the files, and no other.
same_pages()
{
	vmcull verify -q --json --against="$1" "$2" ${3:+"$3" "$4"} > verified || { cat verified; exit 1; }
	/usr/bin/python3 - <<'END'
import json
dumps = json.load(open('verified'))['dumps']
total = dumps[0]['equal_pages'] + dumps[0]['missing_pages']
assert sum(dump['equal_pages'] for dump in dumps) == total > 0, dumps
for dump in dumps:
    assert dump['good'] and not dump['findings'] and not any(dump['totals'].values()), dump
END
}

# The same with libkdumpfile, which forgets a table in 0.5.1.
same_to_others() # ORIGINAL FILE...
{
	[ "$compare" ] || return 0
	ASAN_OPTIONS=detect_leaks=0 "$compare" "$@" > compared || { cat compared; exit 1; }
	pages=$(vmcull info --json kdump | sed -n 's/.*"pages_with_content": *\([0-9]*\).*/\1/p')
	grep -q "^$pages kept pages equal " compared || { cat compared; echo "not $pages pages"; exit 1; }
}

# same_map KDUMP KDUMP: memory with and without content.
same_map()
{
	/usr/bin/python3 - "$SRCDIR/tests/interop" "$1" "$2" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
import kdump
a, b = (kdump.Kdump(path) for path in sys.argv[2:])
sys.exit(a.memory != b.memory or a.kept != b.kept)
END
}

# From a form back to the two that all are compared in.
back() # NAME FILE...
{
	name=$1
	shift
	rm -f back.kdump back.elf
	vmcull convert -q --codec=zlib "$@" back.kdump
	vmcull convert -q --to=elf "$@" back.elf
	case $name in
	# An ELF file does not tell all that the headers of the others do, and tells of virtual addresses.
	*ELF)
		cmp back.elf elf
		same_map back.kdump kdump
		same_pages "$original" back.kdump
		;;
	*)
		cmp back.kdump kdump
		cmp back.elf elf.of.kdump
		;;
	esac
	echo "$name: $(stat -L -c %s "$@" | xargs) bytes, and back"
}

round_trips() # DUMP
{
	original=$1
	rm -f kdump elf elf.of.kdump
	vmcull convert -q --codec=zlib "$original" kdump
	vmcull convert -q --to=elf "$original" elf
	vmcull convert -q --to=elf kdump elf.of.kdump
	for file in kdump elf elf.of.kdump; do
		same_pages "$original" $file
	done
	same_to_others "$original" kdump
	same_to_others elf kdump # a page before a segment can be read, 0.5.1 says
	same_to_others elf.of.kdump kdump
	for codec in $codecs; do
		case $codec in libdeflate | isal) continue ;; esac # zlib's format
		vmcull convert -q -f --codec="$codec" "$original" form
		same_pages "$original" form
		same_to_others "$original" form
		vmcull convert -q -f --codec=zlib form back.kdump
		cmp back.kdump kdump
		echo "kdump, $codec: $(stat -c %s form) bytes, and back"
	done
	back ELF elf

	vmcull convert -q -f -F --codec=zlib "$original" kdump.flat
	same_pages "$original" kdump.flat
	back 'flattened kdump' kdump.flat
	vmcull convert -q -f -F --to=elf "$original" elf.flat
	same_pages "$original" elf.flat
	back 'flattened ELF' elf.flat

	rm -f part.? flat.?
	vmcull convert -q --split=3 --codec=zlib "$original" part
	same_pages "$original" part.1 part.2 part.3
	same_to_others "$original" part.3 part.1 part.2
	back split part.2 part.3 part.1
	vmcull convert -q -F --split=3 --codec=zlib "$original" flat
	same_pages "$original" flat.1 flat.2 flat.3
	back 'split, flattened' flat.2 flat.3 flat.1
}

rearranged() # STREAM FILE
{
	rm -f rearranged
	"$makedumpfile" -R rearranged < "$1" > log 2>&1 || { cat log; exit 1; }
	cmp rearranged "$2"
	rm -f rearranged
	vmcull makedumpfile -R rearranged < "$1" > log 2>&1 || { cat log; exit 1; }
	cmp rearranged "$2"
}

codecs="none $(vmcull --version | sed -n 's/^codec \([a-z]*\):.*/\1/p' | xargs)"
round_trips "$VMCORE"
if [ "$makedumpfile" ]; then
	rearranged kdump.flat kdump
	rearranged elf.flat elf
	for i in 1 2 3; do
		rearranged flat.$i part.$i
	done
	echo "what is flattened is the file, to $makedumpfile too"
fi

# Of a filtered dump much is memory without content.
vmcull filter -q -d 31 -l "$VMCORE" filtered
round_trips filtered

# What makedumpfile makes is read, and what is made of it is the same as what is made of the dump; what
# we make it reads, and keeps of it what it keeps of the dump.
theirs() # LEVEL OPTION CODEC
{
	rm -f theirs theirs.of.ours
	if ! "$makedumpfile" $2 -d "$1" "$VMCORE" theirs > log 2>&1; then
		echo "$makedumpfile $2 -d $1 cannot: $(tail -n 1 log)"
		return
	fi
	vmcull verify -q --against="$VMCORE" theirs
	vmcull convert -q -f --codec=zlib theirs form
	same_pages theirs form
	same_map theirs form
	vmcull convert -q -f --to=elf theirs form.elf
	same_pages theirs form.elf
	vmcull convert -q -f --codec="$3" "$VMCORE" ours
	"$makedumpfile" $2 -d "$1" ours theirs.of.ours > log 2>&1 || { cat log; exit 1; }
	same_map theirs theirs.of.ours
	same_pages theirs theirs.of.ours
	echo "$makedumpfile $2 -d $1 and we: the same pages"
}

[ "$makedumpfile" ] || exit 0
for level in 1 16 31; do
	theirs $level -c zlib
	for pair in l:lzo p:snappy z:zstd; do
		codec=${pair#*:}
		! "$makedumpfile" -v | grep -q "^$codec.*enabled" || theirs $level -${pair%:*} $codec
	done
done
