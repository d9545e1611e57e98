#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dmesg: logs of the older forms from made dumps (also against makedumpfile where that is installed), the
# ring from a real one; filters, forms of time, JSON, the output file, damage.
. "$SRCDIR/tests/cli/functions"
need python3

# as_made EXPECTED ARGUMENT...: dmesg prints exactly that.
as_made()
{
	expected=$1
	shift
	run 0 dmesg "$@"
	cmp -s out "$expected" || fail "dmesg $* differs from $expected: $(diff out "$expected" | head -4)"
	[ -s err ] && fail "dmesg $* says something"
}

# by_makedumpfile EXPECTED OPTION...: so does makedumpfile.
by_makedumpfile()
{
	expected=$1
	shift
	rm -f theirs
	makedumpfile --dump-dmesg "$@" made theirs >said 2>&1 || fail "makedumpfile: $(cat said)"
	cmp -s theirs "$expected" || fail "makedumpfile $* differs from $expected"
	rm -f theirs said
}

old_makedumpfile()
{
	makedumpfile -v | grep -q 'version 1\.[0-6]\.\|version 1\.7\.[0-2] '
}

for form in flat flat-wrapped log printk_log printk_log-wrapped printk_log-caller; do
	python3 "$SRCDIR/tests/cli/made_log.py" "$form" made text || fail "made_log.py"
	as_made text made
	as_made text.cleared --partial made
	run 0 dmesg made file
	cmp -s file text || fail "the file differs"
	rm -f file
	run 0 dmesg --json made
	cp out "$form.json"
	if command -v makedumpfile >/dev/null; then
		old_makedumpfile && [ "$form" = printk_log-caller ] && continue
		by_makedumpfile text
		# It takes no notice of logged_chars.
		[ "${form#flat}" = "$form" ] && by_makedumpfile text.cleared --partial-dmesg
	fi
done

# The last of those has callers.
run 0 dmesg --no-caller made
sed 's/^\(\[[^]]*\] \)\[[^]]*\] /\1/; s/^           \( *\)/\1/' text >bare
cmp -s out bare || fail "--no-caller: $(diff out bare | head -4)"
run 0 dmesg -l err made
[ "$(cut -c 27- out | sort -u)" = "$(printf 'tab\tand bell\\x07 and escape \\x1b[31m')" ] || fail "-l err"
run 0 dmesg --level notice+ made
grep -c . out | grep -qx 4 || fail "--level notice+"
run 0 dmesg -l +debug,err made
grep -c . out | grep -qx 4 || fail "-l +debug,err"
run 0 dmesg -f daemon made
[ "$(cut -c 27- out | sort -u)" = "systemd[1]: facility 3" ] || fail "-f daemon"
run 0 dmesg -x -f daemon,kern -l info --no-caller made
grep -q '^daemon:info  : \[    5.005001\] systemd' out || fail "--decode"
grep -q '^kern  :info  : \[    1.001001\] Command line: a$' out || fail "--decode"
grep -q '^                              second line$' out || fail "lines of --decode"
run 0 dmesg --time=none --no-caller made
[ "$(sed -n 1,3p out)" = "$(printf 'Linux version made\nCommand line: a\nsecond line')" ] || fail "--time=none"
run 0 dmesg --time=delta --no-caller made
sed -n 1p out | grep -q '^\[<    0.000000>\] Linux' || fail "--time=delta, first line"
sed -n 2p out | grep -q '^\[<    1.001000>\] Command' || fail "--time=delta"
run 0 dmesg --time=iso --no-caller made
grep -q '^2023-11-14T22:13:20,000000+00:00 systemd' out || fail "--time=iso, last line"
grep -q '^2023-11-14T22:13:08,989000+00:00 Linux' out || fail "--time=iso, first line"
grep -q '^vmcull: times are estimated: the last record, at 11.011001 s, .* 2023-11-14 22:13:20 UTC$' err ||
	fail "where the time of --time=iso is from"
python3 - <<'PYTHON' || fail "no CRASHTIME"
data = open("made", "rb").read()
open("no_time", "wb").write(data.replace(b"CRASHTIME=", b"CRASHTIMX="))
PYTHON
run 1 dmesg --time=iso no_time
said 'when the machine crashed is not known'

# Colours: not in a file, unless wanted.
escape=$(printf '\033')
run 0 dmesg --color=always made
grep -q "^$escape\[32m\[    3.003001\] \[      T3\] $escape\[0m$escape\[31mtab" out || fail "colours"
run 0 dmesg --color=auto made
grep -q "$escape" out && fail "colours in a file"
if command -v script >/dev/null; then
	TERM=xterm script -qec "'$VMCULL' dmesg made" /dev/null >out </dev/null
	grep -q "$escape\[32m" out || fail "no colours on a terminal"
	grep -q "$escape\[31m\$" out && fail "an escape of the log on a terminal"
	TERM=xterm NO_COLOR=1 script -qec "'$VMCULL' dmesg made" /dev/null >out </dev/null
	grep -q "$escape" out && fail "colours in spite of NO_COLOR"
	TERM=xterm NO_COLOR=1 script -qec "'$VMCULL' dmesg --color made" /dev/null >out </dev/null
	grep -q "$escape\[32m" out || fail "no colours with --color"
fi

# JSON: what the text says, and everything of it is in vmcull(5).
python3 - <<'PYTHON' >names || fail "JSON"
import json
names = set()
for form in "flat", "flat-wrapped", "log", "printk_log", "printk_log-wrapped", "printk_log-caller":
    d = json.load(open(form + ".json", encoding="utf-8"))
    records = d["records"]
    assert d["schema"] == "vmcull.dmesg/1" and d["path"] == "made"
    assert d["form"] == ("flat" if form.startswith("flat") else "records")
    assert d["damaged"] == 0 and d["warnings"] == []
    assert [r["seq"] for r in records] == list(range(len(records)))
    last = max(r["time"] or 0 for r in records)
    assert d["boot_time_estimate"] == 1700000000 * 10**9 - last
    names.update(d, *records)
    if form.startswith("flat"):
        assert records[-1]["text"] == "not finished" and records[-1]["time"] is None
        assert records[-1]["level"] == 4 and records[-1]["flags"] == 0
        continue
    pci = [r for r in records if r["subsystem"]]
    assert pci and all(r["subsystem"] == "pci" and r["device"] == "+pci:0000:00:1f.2" and
                       r["level_name"] == "debug" and r["text"].startswith("pci 0000") for r in pci)
    if form == "printk_log-caller":
        assert [r["cpu"] for r in records[:4]] == [0, None, 2, None]
        assert [r["thread"] for r in records[:4]] == [None, 1, None, 3]
        assert [r["time"] for r in records[:2]] == [1999, 1001001999]
        assert records[1]["text"] == "Command line: a\nsecond line\n  third"
        assert records[5]["facility_name"] == "daemon" and records[5]["facility"] == 3
        assert "\x1b" in records[3]["text"]
print("\n".join(sorted(names - {"schema"})))
PYTHON
sed -n '/^\.Sh vmcull.dmesg/,/^\.Sh vmcull.est/p' "$SRCDIR/man/vmcull.5" >section
while read -r name; do
	grep -Eq "^\.(It )?Cm (.* )?$name( |\$)" section || fail "vmcull(5) does not describe $name"
done <names

# The output: not over what is there, nor over the dump; nothing is left of a dump that has no log.
echo precious >file
run 1 dmesg made file
said 'file: exists already'
run 1 dmesg --force made made
said 'would overwrite the input'
run 0 dmesg --force made file
cmp -s file text || fail "--force"
make_elf no_log
echo precious >file
run 1 dmesg --force no_log file
[ "$(cat file)" = precious ] || fail "the output was emptied before the dump was opened"
if [ -w /dev/full ]; then
	status=0
	"$VMCULL" dmesg made >/dev/full 2>err </dev/null || status=$?
	[ $status -eq 1 ] || fail "a full device is no failure"
fi

# Damage: what can be read is given, and what is wrong is said.
python3 - <<'PYTHON' || fail "damage"
import struct
data = bytearray(open("made", "rb").read())
at = data.index(b"Command line: a") - 20
struct.pack_into("<H", data, at + 8, 7)
open("damaged", "wb").write(data)
PYTHON
run 3 dmesg damaged
[ "$(wc -l <out)" -eq 1 ] || fail "one record is left"
grep -q "^vmcull: .*the kernel's log: a record at 0x[0-9a-f]* has a length of 7" err || fail "what is damaged"
run 3 dmesg --json damaged
[ "$(json 'd["damaged"], len(d["records"]), len(d["warnings"])')" = "(1, 1, 1)" ] || fail "damage in JSON"

run 2 dmesg
said_usage 'VMCORE is missing'
run 2 dmesg made file more
said_usage "unexpected argument 'more'"
run 2 dmesg -l loud made
said_usage '"loud" is no level'
run 2 dmesg -l err, made
said_usage '"" is no level'
run 2 dmesg -f kern,nobody made
said_usage '"nobody" is no facility'
run 2 dmesg --time=late made
said_usage '"late" is not known'
run 2 dmesg --json -x made
said_usage 'has all fields'

# A real ring.
rm -f made damaged
fixture
run 0 dmesg vmcore
sed -n 1p out | grep -q '^\[    0.000000\] \[      T0\] Linux version ' || fail "the first line of a real log"
run 0 dmesg --json vmcore
[ "$(json 'd["form"], d["damaged"], len(d["records"]) > 300')" = "('ring', 0, True)" ] || fail "a real log"
