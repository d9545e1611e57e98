# SPDX-License-Identifier: GPL-2.0-or-later
# Random damage to files of each form of each small dump, thousands of times.
set -eu
export PYTHONDONTWRITEBYTECODE=1
for packed in "$SRCDIR"/testdata/stripped/*/vmcore.zst "$SRCDIR"/testdata/arch/*/vmcore.zst; do
	"$SRCDIR/tests/unpack" "$packed" "$PWD/vmcore"
	"$SRCDIR/tests/interop/damage_files.py" vmcore --count 500 --seed 100000
	rm vmcore
done
