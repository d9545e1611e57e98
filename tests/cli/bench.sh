#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The driver of ./bench, with vmcull in the place of makedumpfile, too: who runs when, what is said.
. "$SRCDIR/tests/cli/functions"
need python3
# Rows are of levels that a lean build has not.
"$VMCULL" --version | grep -q "^codec zstd.* to 19" || skip "a lean build"
fixture
bench=$SRCDIR/tests/bench
build=$(dirname "$VMCULL")/../..

# Both programs note that they ran.
mkdir -p made/src/cli made/tests/bench
cat >made/src/cli/vmcull <<SCRIPT
#!/bin/sh
echo "ours \$*" >>"$PWD/order"
exec "$VMCULL" "\$@"
SCRIPT
ln -s "$VMCULL" made/makedumpfile
cat >theirs <<SCRIPT
#!/bin/sh
echo "theirs \$*" >>"$PWD/order"
exec "$PWD/made/makedumpfile" "\$@"
SCRIPT
chmod +x made/src/cli/vmcull theirs
[ ! -x "$build/tests/bench/codec_floor" ] ||
	ln -s "$(realpath "$build/tests/bench/codec_floor")" made/tests/bench/codec_floor

# drive STATUS OPTION...
drive()
{
	wanted=$1
	shift
	status=0
	: >order
	MAKEDUMPFILE=$PWD/theirs python3 "$bench/driver.py" --build made --dump ./vmcore --scratch . "$@" \
		>out 2>err || status=$?
	[ $status -eq "$wanted" ] || fail "bench $*: exit status $status, not $wanted"
}

drive 0 --runs 2 --parts lzo,threads,memory --json
cp out report.json
python3 - "$([ -x made/tests/bench/codec_floor ] && echo floor)" <<'PYTHON' || fail "the report"
import json, math, sys
report = json.load(open("report.json"))
dump, = report["dumps"]
assert dump["pages_kept"] > 1000
rows = {row["row"]: row for row in dump["rows"]}
wanted = {"lzo / makedumpfile", "lzo without checksums / makedumpfile", "lzo / the codec alone",
          "lzo / read, zero test, codec, write"}
wanted |= {title + ", 2 threads / " + under for title in ("zlib by libdeflate", "zstd-1", "lzo")
           for under in ("1 thread", "makedumpfile")}
assert set(rows) == wanted, set(rows) ^ wanted
for row in rows.values():
    if "skipped" in row:
        continue
    for what in ("cpu", "wall"):
        spread = row[what]
        assert 0 < spread["low"] <= spread["median"] <= spread["high"] < math.inf, row
    medians = {**{what: row[what]["median"] for what in ("cpu", "wall")}, "size": row.get("size")}
    assert row["missed"] == [what for what, bound in row["bounds"].items()
                             if round(medians[what], 3) > bound], row
assert rows["lzo / makedumpfile"]["size"] == 1, rows["lzo / makedumpfile"]
assert rows["lzo / makedumpfile"]["cpu"]["runs"] == 2
assert rows["lzo / makedumpfile"]["bounds"] == {"cpu": 0.88, "size": 1.0}
assert ("skipped" in rows["lzo / the codec alone"]) == (sys.argv[1:] != ["floor"])
runs = {run["run"]: run for run in dump["runs"]}
assert runs["vmcull lzo"]["pages"] == runs["makedumpfile lzo"]["pages"] == dump["pages_kept"]
if sys.argv[1:] == ["floor"]:
    assert 0 < runs["codec lzo, alone"]["cpu"]["median"]
memory = {row["run"]: row for row in dump["memory"]}
assert 0 < memory["vmcull lzo"]["peak"] < 1 << 30 and memory["vmcull lzo"]["bound"] == 17 << 20
PYTHON
# In turns, and one round more than was asked for.
grep -v checksums order | grep -- '-l -d 31\|--codec=lzo' | sed -n '2,7s/ .*//p' | tr '\n' ' ' >turns
[ "$(cat turns)" = "ours theirs ours theirs ours theirs " ] || fail "they ran so: $(cat turns)"
[ "$(ls)" = "$(printf '%s\n' err made order out report.json theirs turns vmcore)" ] ||
	fail "what is left behind: $(ls)"

drive 0 --runs 1 --parts none
grep -Eq '^none / makedumpfile +[0-9.]+ +[0-9.]+ +1\.000 +CPU ≤ 0\.80 +(met|missed: CPU)$' out ||
	fail "the row of no codec"
grep -Eq '^vmcull none +[0-9.]+ +[0-9.]+ +[0-9,]+ +[0-9,]+$' out || fail "what the run took"
drive 0 --runs 1 --parts none --markdown
grep -Eq '^\| none / makedumpfile \| [0-9.]+ \| [0-9.]+ \| 1\.000 \| CPU ≤ 0\.80 \| ' out ||
	fail "the same in Markdown"
awk -F '|' '/^\|/ {if (columns && NF != columns) exit 1; columns = NF} !/^\|/ {columns = 0}' out ||
	fail "a table has lines of different lengths"

# A program that fails leaves its rows out, with what it said.
printf '#!/bin/sh\n[ "$1" != -v ] || exec "%s" -v\necho no such luck >&2\nexit 1\n' \
	"$PWD/made/makedumpfile" >theirs
drive 0 --runs 1 --parts none
grep -q 'Left out: none / makedumpfile (makedumpfile none: theirs: status 1: no such luck)' out ||
	fail "that makedumpfile failed"
grep -q '^none / makedumpfile' out && fail "a row of a program that failed"
drive 2 --parts lzo,nothing
drive 1 --dump ./nothing

python3 - "$bench" <<'PYTHON' || fail "sums and parsers"
import sys
sys.path.insert(0, sys.argv[1])
import callgrind, capture, measure, ratios
spread = ratios.Spread([5, 1, 2, 4, 3])
assert (spread.low, spread.median, spread.high) == (2, 3, 4)
over = [measure.Cost(cpu, 1) for cpu in (1, 2, 9)]
under = [measure.Cost(cpu, 1) for cpu in (2, 2, 3, 99)]
assert ratios.paired(over, under, "cpu").median == 1 # of each pair, not of the medians
profile = """events: Ir
ob=(1) /lib/x
fl=(1) a.c
fn=(1) far
1 100
ob=(2) /bin/me
fn=(2) near
+1 10
cob=(1)
cfn=(1)
calls=3 1
2 1000
* 5
fn=(3) next
-1 7
ob=(1)
fn=(1)
9 50
"""
counts = callgrind.own_instructions(profile.splitlines(), "/bin/me")
assert counts == {"near": 15, "next": 7}, counts
row = capture.parse("ours 1.5 0.25 2.0 4096 7")
assert row == {"name": "ours", "cpu_user": 1.5, "cpu_sys": 0.25, "cpu": 1.75, "wall": 2.0,
               "bytes": 4096, "pages": 7}
guest = [capture.parse(line) for line in (
    "lzo 4 2 6 2000 9 0.5 3 2 1", "lzo-compact 1 0 1 50 9 1 3 2 1", "makedumpfile-lzo 8 2 11 1000 9 14 3 2 1")]
plain, compact = capture.ratios("free", "256G", guest)
assert plain["missed"] == [] and plain["cpu"] == 0.6 and plain["bytes"] == 2, plain
assert compact["missed"] == [] and compact["bytes"] == 0.05, compact
guest[1]["bytes"] = 90
assert list(capture.ratios("free", "256G", guest))[1]["missed"] == ["bytes"]
PYTHON
