#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# estimate: held against the files that filter writes.
. "$SRCDIR/tests/cli/functions"
need_command estimate
need python3 zstd
VMCULL_FIXTURE=${VMCULL_FIXTURE:-}
if [ -n "$VMCULL_FIXTURE" ]; then
	ln -s "$VMCULL_FIXTURE" vmcore
else
	zstd -dcq --long=27 "$SRCDIR/testdata/whole/vmcore.zst" >vmcore || fail "cannot unpack"
fi

# A small sample, so that there is an error worth the name; the trace shows what is read.
levels=0,1,16,31
run 0 estimate --json --levels $levels --sample 300 vmcore
grep "^vmcull:" err && fail "there should be no warning"
cp out sample.json
run 0 estimate --json --levels $levels --sample 300 vmcore
python3 - <<'PYTHON' || fail "two runs differ"
import json
def figures(name):
    d = json.load(open(name))
    return d["states"], [{k: v for k, v in row.items() if k not in ("seconds", "fits")} for row in d["estimates"]]
assert figures("out") == figures("sample.json")
PYTHON
python3 -c 'import json
d = json.load(open("sample.json"))
assert d["schema"] == "vmcull.estimate/1"
for row in d["states"]:
    forbidden = row["state"] in ("offline", "hwpoison", "unaccepted")
    assert row["sampled_pages"] == (0 if forbidden else min(row["pages"], 300)), row
    assert row["unreadable_pages"] == 0
for row in d["estimates"]:
    print(row["level"], row["codec"], row["codec_level"])' >figures || fail "what was sampled"

while read -r level codec codec_level; do
	[ "$codec" = none ] || codec=$codec:$codec_level
	case $codec in snappy:* | lzo:* | auto:*) codec=${codec%:*} ;; esac
	run 0 filter --json -d "$level" --codec "$codec" vmcore result
	python3 - "$level" "${codec%:*}" >>ratios <<'PYTHON' || fail "level $level, $codec: $(tail -n 1 ratios)"
import json, os, sys
level, codec = int(sys.argv[1]), sys.argv[2]
truth = json.load(open("out"))
row, = [row for row in json.load(open("sample.json"))["estimates"]
        if (row["level"], row["codec"]) == (level, codec)]
off = row["bytes"] - truth["output"]["bytes"]
print(f"level {level} {codec}: {row['bytes']} +- {row['error_bytes']}, is {os.stat('result').st_size}, "
      f"ratio {row['bytes'] / truth['output']['bytes']:.4f}, {off / max(1, row['error_bytes']):+.2f} errors off; "
      f"{row['seconds']:.2f} s, were {truth['seconds']:.2f} s")
assert row["pages"] == truth["output"]["pages"]
assert abs(off) <= 3 * row["error_bytes"] + 1
assert row["error_bytes"] < row["bytes"] / 3
PYTHON
	rm result
done <figures
cat ratios

# With every page in the sample there is no error left.
run 0 estimate --json --levels 31 --codec zstd:1 --sample 1000000 vmcore
cp out exact.json
run 0 filter -q -d 31 --codec zstd:1 vmcore result
[ "$(python3 -c 'import json
row, = json.load(open("exact.json"))["estimates"]
print(row["bytes"], row["error_bytes"])')" = "$(stat -c %s result) 0" ] || fail "a sample of all pages"
# States that no level keeps are not sampled.
[ "$(python3 -c 'import json
print(sum(row["sampled_pages"] for row in json.load(open("exact.json"))["states"]))')" = \
	"$(python3 -c 'import json
print(json.load(open("exact.json"))["estimates"][0]["pages"])')" ] || fail "pages sampled for nothing"

# Text: a column a codec, a row a level, what fits.
run 0 estimate --levels all --codec zstd --codec zstd:3 vmcore
grep -Eq '^[KM]iB +zstd +zstd:3$' out || fail "no heading of sizes"
[ "$(grep -Ec '^level [0-9]+ +[0-9.]+ \+-[0-9.]+ +[0-9.]+ \+-[0-9.]+$' out)" -eq 32 ] || fail "not 32 rows of sizes"
[ "$(grep -Ec '^level [0-9]+ +[0-9]+ +[0-9.]+ s +[0-9.]+ s$' out)" -eq 32 ] || fail "not 32 rows of times"
grep -qx 'each fits' out || fail "it does fit here"
# /sys has no room at all.
if [ "$(stat -f -c %a /sys 2>/dev/null)" = 0 ]; then
	run 0 estimate --levels 31 --codec none --target /sys vmcore
	grep -qx 'none fits' out || fail "it fits into nothing"
	grep -Eq '^level 31 .* !$' out || fail "no mark"
fi

# Every member is in vmcull(5).
python3 -c 'import json
d = json.load(open("sample.json"))
print(*sorted(set(d) - {"schema"} | set(d["dump"]) | set(d["target"]) | set(d["states"][0])
	| set(d["estimates"][0])), sep="\n")' >members
sed -n '/^\.Sh vmcull.estimate/,/^\.Sh [^v]/p' "$SRCDIR/man/vmcull.5" >page
while read -r member; do
	grep -q "^\.It Cm $member\$" page || fail "vmcull(5) does not describe $member"
done <members

run 2 estimate --levels 32 vmcore
said_usage "no dump level"
run 2 estimate --levels 1,,2 vmcore
said_usage "no dump level"
run 2 estimate --codec gzip vmcore
said_usage "no compression is named"
run 2 estimate --sample 1 vmcore
said_usage "no number from 2"
run 1 estimate --target nowhere vmcore
said "^vmcull: nowhere: No such file"
make_elf bare
run 1 estimate bare
