# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Machines of which no real dump was to be had: made ones are audited and filtered, and every page
# is what it was made as.
. "$SRCDIR/tests/cli/functions"
need python3
export PYTHONDONTWRITEBYTECODE=1

# is_as_made FILE: states by zone are those of the file "made"; nothing is found that is damage.
is_as_made()
{
	run 0 audit --json "$1"
	python3 - <<'PYTHON' || fail "$1: not as it was made"
import json, sys
made, report = json.load(open("made")), json.load(open("out"))
zones = []
for zone in report["zones"]:
    states = {row["state"]: row["pages"] for row in zone["states"] if row["pages"]}
    states.pop("absent", None)
    zones.append((zone["zone"], states, zone["free_counted"]))
# Struct pages that were never initialised say of no zone that it is theirs.
unknown = sum(states.pop("unknown") for states in made)
wanted = [(name, states, states["free"]) for name, states in zip(("DMA", "Normal"), made)]
states = {row["state"]: row["pages"] for row in report["states"]}
worse = [finding for finding in report["findings"] if finding["severity"] != "note"]
if zones != wanted or states["unknown"] != unknown or worse:
    sys.exit("zones %s,\nmade as %s\nunknown %d, findings %s" % (
        zones, wanted, states["unknown"], worse))
PYTHON
}

for machine in mips64 mips64el mips64el-64k sparc64 i386 i386-flat i386-nodes armeb; do
	python3 "$SRCDIR/tests/cli/made_dump.py" $machine $machine >made || fail "$machine is not made"
	is_as_made $machine
	for level in 1 31; do
		run 0 filter --quiet --force --codec zlib -d $level $machine filtered
		is_as_made filtered
		python3 "$SRCDIR/tests/interop/compare_pages.py" $machine filtered >compared ||
			fail "$machine, level $level: $(cat compared)"
	done
	rm $machine filtered compared made
done

# What no key tells how to translate is told of.
! "$VMCULL" --version | grep -q '^without .*explain' || exit 0
python3 "$SRCDIR/tests/cli/made_dump.py" mips64 vmcore >made || fail "mips64 is not made"
run 1 explain vmcore virt:0xc000000000000000
grep -q 'mapped segments of mips64 are not translated' err || fail "the reason is not told"
