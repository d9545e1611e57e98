# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# In a control group of 64 MiB of memory, page cache and all, each command does what it does without.
. "$SRCDIR/tests/cli/functions"
[ "$(id -u)" = 0 ] || skip "only root makes control groups"

tree=/sys/fs/cgroup limit=memory.max
if [ -d $tree/memory ]; then
	tree=$tree/memory limit=memory.limit_in_bytes
fi
group=$tree/vmcull-test.$$
mkdir $group 2>/dev/null || skip "no control group can be made"
trap 'rmdir $group' EXIT
echo 67108864 2>/dev/null >$group/$limit || skip "no control group limits memory here"
sh -c 'echo $$ >'$group/cgroup.procs 2>/dev/null || skip "no process can enter a control group"

# limited ARGUMENT...: the program in the group, which ends with 0
limited()
{
	status=0
	sh -c 'echo $$ >"$1" && shift && exec "$@"' sh $group/cgroup.procs "$VMCULL" "$@" \
		>out 2>err || status=$?
	check_sanitizers
	[ $status = 0 ] || fail "vmcull $*: exit status $status: $(tail -n 1 err)"
}

for options in --codec=zstd '--codec=zlib --threads=8' '-E -d 1' --share-pages; do
	# shellcheck disable=SC2086 # several options
	limited filter -q -f -d 31 $options "$VMCORE" inside
	# shellcheck disable=SC2086
	"$VMCULL" filter -q -f -d 31 $options "$VMCORE" outside || fail "filter $options outside"
	cmp inside outside || fail "filter $options: other bytes"
done
limited filter -q -d 31 --flattened "$VMCORE"
mv out stream
limited makedumpfile -R rearranged <stream
limited convert -q -f "$VMCORE" copy
limited verify -q copy
limited verify -q --against="$VMCORE" copy
limited audit --json "$VMCORE"
limited estimate "$VMCORE"
limited diff copy "$VMCORE"
limited info "$VMCORE"
limited dmesg "$VMCORE"
