# SPDX-License-Identifier: GPL-2.0-or-later
# The pictures of an audit: the report in a browser, whose map has to know what --ranges says, and
# the PNG.  Skipped without Chromium.
set -eu
"$VMCULL" --version | grep -q pictures || { echo "SKIPPED: built without pictures"; exit 77; }
"$VMCULL" audit --html report.html --map map.png "$VMCORE" > /dev/null
"$VMCULL" audit --map map.svg "$VMCORE" > /dev/null
"$VMCULL" audit --map - "$VMCORE" > map.txt
"$VMCULL" audit --ranges "$VMCORE" > ranges.jsonl
"$SRCDIR/tests/interop/pictures.py" --png map.png --svg map.svg --text map.txt --ranges ranges.jsonl

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
	echo "SKIPPED: no chromium to show the report with"
	exit 77
}
"$SRCDIR/tests/interop/pictures.py" --html report.html --ranges ranges.jsonl --browser "$browser"
