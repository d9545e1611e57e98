# SPDX-License-Identifier: GPL-2.0-or-later
# Random damage to the structures of each stripped dump, thousands of times.
set -eu
export PYTHONDONTWRITEBYTECODE=1
for packed in "$SRCDIR"/testdata/stripped/*/vmcore.zst; do
	"$SRCDIR/tests/unpack" "$packed" "$PWD/vmcore"
	"$SRCDIR/tests/interop/damage.py" vmcore --count 3000 --seed 100000
	rm vmcore
done
