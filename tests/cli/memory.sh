# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# A filter stays within 16 MiB and 1 MiB for each thread, also where memory is kept and left out page by
# page and what is kept would take more.  tests/long/memory.sh has it do so on larger machines.
. "$SRCDIR/tests/cli/functions"
need python3
(ulimit -d 17408 && "$VMCULL" --version) >/dev/null 2>&1 || skip "this build does not run in 17 MiB"

for kind in ${MEMORY_KINDS:-alternating}; do
	python3 "$SRCDIR/tests/cli/made_map.py" "$kind" "${MEMORY_GIB:-64}" vmcore >made ||
		fail "$kind is not made"
	for threads in ${MEMORY_THREADS:-2}; do
		(
			ulimit -d $(((16 + threads) * 1024))
			run 0 filter --dry-run --json -d 31 --codec none --threads "$threads" vmcore none
		) || exit 1
		python3 - <<'PYTHON' || fail "$kind, $threads threads: not as it was made"
import json, sys
made, report = json.load(open("made")), json.load(open("out"))
states = {row["state"]: row["pages"] for row in report["states"] if row["pages"]}
kept = {row["state"]: row["kept"] for row in report["states"] if row["kept"]}
if states != made or kept != {"kernel": made["kernel"]} or report["output"]["pages"] != made["kernel"]:
    sys.exit("%s, kept %s, made as %s" % (states, kept, made))
PYTHON
	done
done
