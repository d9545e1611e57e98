#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Nothing is needed but the dump and a place for the output: no /tmp, no HOME, no environment, no
# /proc and /sys, no standard streams, and little memory.
. "$SRCDIR/tests/cli/functions"
fixture
run 0 filter -q vmcore usual
run 0 audit --json vmcore
grep -v '"seconds' out >usual.json

memory=32768
sanitized=no
for name in asan tsan; do
	[ "$(grep -c "__${name}_init" "$VMCULL")" = 0 ] || sanitized=yes memory=unlimited
done

# same WHERE: the last run wrote what it always writes.
same()
{
	cmp usual result || fail "another dump $1"
	rm -f result
}

# commands PREFIX...: filter, audit and all others, each run by PREFIX.
commands()
{
	"$@" filter -fq vmcore result >out 2>err || fail "$*: filter: $?"
	check_sanitizers
	same "by $*"
	"$@" audit --json vmcore >out 2>err || fail "$*: audit: $?"
	grep -v '"seconds' out | cmp - usual.json || fail "$*: another audit"
	for command in info "info --facts" dmesg "filter -F"; do
		# shellcheck disable=SC2086
		"$@" $command vmcore >out 2>err || fail "$*: $command: $?"
		check_sanitizers
	done
	"$VMCULL" --version | grep -q '^without.*verify' && return
	for command in verify estimate "explain --json" "diff vmcore"; do
		case $command in explain*) page=pfn:4096 ;; *) page= ;; esac
		# shellcheck disable=SC2086
		"$@" $command vmcore $page >out 2>err || fail "$*: $command: $?"
		check_sanitizers
	done
	"$@" convert -fq --to=elf vmcore result >out 2>err || fail "$*: convert: $?"
	rm -f result
}

# No environment but what tells a sanitizer how to end.
without_environment()
{
	env -i TMPDIR=/nonexistent ASAN_OPTIONS="${ASAN_OPTIONS:-}" LSAN_OPTIONS="${LSAN_OPTIONS:-}" \
		"$VMCULL" "$@" </dev/null
}

limited()
{
	(
		ulimit -d $memory
		exec "$VMCULL" "$@" </dev/null
	)
}

# A file that is opened must not become one of these.
closed()
{
	"$VMCULL" "$@" <&-
}

commands without_environment
commands limited
commands closed
for streams in '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
	status=0
	eval "\"\$VMCULL\" filter -fq vmcore result $streams" || status=$?
	[ $status = 0 ] || fail "filter -q $streams: $status"
	same "with $streams"
	# A report that nobody gets is a failure, and the dump is whole all the same.
	case $streams in *' >&-'* | '>&-'*) wanted=1 ;; *) wanted=0 ;; esac
	status=0
	eval "\"\$VMCULL\" filter -f vmcore result $streams" >/dev/null || status=$?
	[ $status = $wanted ] || fail "filter $streams: $status"
	same "with a report and $streams"
done

# Without /proc, /sys and /tmp: in a mount namespace of its own.
cat >bare-run <<'SH'
#!/bin/sh
for folder in /tmp /var/tmp /dev/shm /sys /proc; do
	case $PWD/ in $folder/*) continue ;; esac
	mount -t tmpfs -o ro,size=0 none $folder 2>/dev/null || umount -l $folder 2>/dev/null || exit 77
done
exec "$@" <&-
SH
chmod +x bare-run
cp "$VMCULL" program # which may lie in one of them
[ $sanitized = no ] || exit 0 # those need /proc
bare()
{
	unshare -m "$PWD/bare-run" "$PWD/program" "$@"
}
unshare -m "$PWD/bare-run" true 2>err || skip "no mount namespaces here: $(cat err)"
[ -z "$(unshare -m "$PWD/bare-run" ls /proc)" ] || skip "/proc cannot be hidden here"
commands bare
