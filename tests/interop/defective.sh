# SPDX-License-Identifier: GPL-2.0-or-later
# A dump without the memory map and the page tables, as kexec-tools 2.0.32 makes them of riscv64: each
# command fails, and says in one line what is missing.
set -eu
[ "$(head -c 4 "$VMCORE" | tr -d '\177')" = ELF ] || { echo "SKIPPED: segments can be cut out of ELF files only"; exit 77; }

mkdir -p whole/truth
ln -s "$VMCORE" whole/vmcore
if [ -e "$TRUTH/kpageflags.zst" ]; then
	zstd -qd --long=27 "$TRUTH/kpageflags.zst" -o whole/truth/kpageflags
else
	ln -s "$TRUTH/kpageflags" whole/truth/kpageflags
fi
cp "$TRUTH/iomem" whole/truth/
set --
# ppc64 does not list where its image is.
! vmcull info "$VMCORE" | grep -q '^machine *ppc64' || set -- --keep 0-3ffffff
"$SRCDIR/testdata/lab/mkdefective" "$@" whole cut > log 2>&1 || { cat log; exit 1; }

fails() # COMMAND...
{
	status=0
	vmcull "$@" > out 2> err || status=$?
	cat err
	[ $status = 1 ]
	[ "$(wc -l < err)" = 1 ]
	grep -Eq "page tables? .*not in the dump|memory map.*(not in the dump|no segment)" err
}

fails filter cut/vmcore filtered
[ ! -e filtered ] && [ ! -e filtered.incomplete ]
fails audit cut/vmcore
