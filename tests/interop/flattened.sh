# SPDX-License-Identifier: GPL-2.0-or-later
# A flattened stream is the file, byte for byte: put together by makedumpfile, of this machine and of
# the lab.
set -eu
found=
for makedumpfile in "${MAKEDUMPFILE:-$(command -v makedumpfile || echo none)}" \
	"${VMCULL_LAB:-$HOME/.cache/vmcull-lab}/sid/makedumpfile"; do
	[ -x "$makedumpfile" ] || continue
	found=1
	for form in --codec=zlib --elf; do
		for level in 1 31; do
			rm -f direct rearranged
			vmcull filter -q -d $level $form "$VMCORE" direct
			vmcull filter -q -d $level $form --flattened "$VMCORE" |
				"$makedumpfile" -R rearranged > log 2>&1 || { cat log; exit 1; }
			cmp direct rearranged
			echo "$makedumpfile -R: $form, level $level: the same file"
		done
	done
done
[ "$found" ] || { echo 'SKIPPED: no makedumpfile'; exit 77; }
