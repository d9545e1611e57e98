# SPDX-License-Identifier: GPL-2.0-or-later
# ELF output: nothing is lost on the way to it and back, and libkdumpfile reads every page of it.
set -eu

# An ELF file does not tell the dump level (4 or 8 bytes into the sub header); all else is the same,
# but for the digest of that.
same_dump() # FILE FILE
{
	block=$(vmcull info --json "$VMCORE" | sed -n 's/.*"page_size": *\([0-9]*\).*/\1/p' | head -n 1)
	cmp -l "$1" "$2" > bytes || [ $? = 1 ]
	awk -v level="$((block + 4))" -v name="$1, $2" '
		$1 <= level || $1 > level + 8 { print name ": differ at " $1; exit 1 }' bytes
}

for level in 1 31; do
	vmcull filter -q -d $level --elf "$VMCORE" elf.$level
	vmcull filter -q -d $level -l --no-checksums "$VMCORE" direct.$level
done
for level in 1 31; do
	vmcull filter -q -d $level -l --no-checksums elf.$level back
	same_dump back direct.$level
	vmcull filter -q -f -d 31 -l --no-checksums elf.$level back
	same_dump back direct.31
	rm back
done
vmcull filter -q -d 31 --elf direct.1 again
cmp -s again elf.31 || {
	# Only an ELF file tells virtual addresses.
	vmcull filter -q -d 31 -l --no-checksums again back
	same_dump back direct.31
}
echo 'the same pages through ELF, levels 1 and 31'

# libkdumpfile does not read kdump files of ARM rightly, and 0.5.1 forgets a table of segments.
if command -v kdump_compare > /dev/null && ! vmcull info "$VMCORE" | grep -q 'machine  *arm'; then
	export ASAN_OPTIONS=detect_leaks=0
	kdump_compare elf.31 direct.31
	kdump_compare elf.1 direct.31
fi

# makedumpfile (1.7.8) finds in it what it finds in the dump, with the same bytes.
makedumpfile=${MAKEDUMPFILE:-${VMCULL_LAB:-$HOME/.cache/vmcull-lab}/sid/makedumpfile}
[ -x "$makedumpfile" ] && command -v kdump_compare > /dev/null || exit 0
"$makedumpfile" -l -d 31 "$VMCORE" expected > log 2>&1 ||
	{ echo 'makedumpfile cannot open the dump'; exit 0; }
for level in 1 31; do
	rm -f theirs
	"$makedumpfile" -l -d 31 elf.$level theirs > log 2>&1 || { cat log; exit 1; }
	kdump_compare expected theirs
done
