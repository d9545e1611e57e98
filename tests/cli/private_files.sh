#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever is written can be read by its owner alone, whatever umask says and whatever was there
# before; no link is followed that somebody left at a name; and there are no files but those.
. "$SRCDIR/tests/cli/functions"
fixture
analysis=yes
"$VMCULL" --version | grep -Eq '^without .*\<convert\>' && analysis=no

# private FILE...: each is a file of its own with that mode, and not empty
private()
{
	for file; do
		[ -f "$file" ] && [ ! -L "$file" ] || fail "$file is no file"
		[ -s "$file" ] || fail "$file is empty"
		mode=$(stat -c %a "$file")
		[ "$mode" = 600 ] || fail "$file has mode $mode"
	done
}

# each FILES OPTION ARGUMENT...: makes FILES, where nothing is; and with OPTION, or without one where it
# is '', where others are that all may read and write, which stay as they are under another name.
each()
{
	files=$1 option=$2
	shift 2
	for umask in 0 77; do
		# shellcheck disable=SC2086
		rm -f $files
		(umask $umask && run 0 "$@") || exit 1
		# shellcheck disable=SC2086
		private $files
	done
	for file in $files; do
		echo old >"$file"
		ln "$file" "$file.old"
		chmod 666 "$file" # what it was before
	done
	# shellcheck disable=SC2086
	(umask 0 && run 0 "$@" $option) || exit 1
	# shellcheck disable=SC2086
	private $files
	for file in $files; do
		[ "$(cat "$file.old")" = old ] || fail "$* wrote to what was there"
		rm -f "$file" "$file.old"
	done
}

each result --force filter -q vmcore result
each "result trace" --force filter -q -E --trace-reads=trace vmcore result
each "result.1 result.2 result.3" --force filter -q --split=3 vmcore result
each result -f makedumpfile -l -d 31 vmcore result
each "result.1 result.2" -f makedumpfile -l -d 31 --split vmcore result.1 result.2
run 0 filter -q vmcore filtered
pictures=no
! draws_pictures vmcore || pictures=yes
[ $pictures = no ] ||
	each "map.png map.svg report.html" '' audit --map=map.png --map=map.svg --html=report.html vmcore
each log --force dmesg vmcore log
each log -f makedumpfile --dump-dmesg vmcore log
if [ $analysis = yes ]; then
	each result --force convert -q --to=elf filtered result
	each result --force convert -q -F filtered result
fi
run 0 audit --trace-reads=trace vmcore
private trace
rm trace
"$VMCULL" filter -q -F vmcore >stream || fail "-F"
for umask in 0 77; do
	rm -f result
	(umask $umask && "$VMCULL" makedumpfile -R result <stream >out 2>err) || fail "-R: $(cat err)"
	private result
done
run 3 filter -qf --size-limit=8M -d 0 --codec=none vmcore result
private result.incomplete
rm -f result result.incomplete stream

# A link at a name, to a file of somebody else.
echo precious >precious
for link in result result.incomplete; do
	ln -s precious $link
	run 0 filter -qf vmcore result
	private result
	rm result
done
if [ $pictures = yes ]; then
	ln -s precious report.html
	run 1 audit --html=report.html vmcore
	said "report.html: is a link"
fi
ln -s precious trace
run 1 filter -qf --trace-reads=trace vmcore result
said "trace: File exists"
[ "$(cat precious)" = precious ] || fail "a link was followed"
rm -f report.html trace precious result
# But what is no file stays: it may be a pipe, or a device.
if [ -c /dev/null ]; then
	run 0 filter -qf --trace-reads=/dev/null vmcore result
	[ -c /dev/null ] || fail "/dev/null was replaced"
fi

# Which files a run creates or opens for writing: the output under its first name, and no other.
command -v strace >/dev/null || exit 0
! grep -q -e __asan_init -e __tsan_init "$VMCULL" || exit 0 # these do not work under strace
for command in "filter -qf vmcore result" "filter -qf --threads=3 -E vmcore result" \
	"filter -qf --map-only vmcore result" "filter -qf --split=2 vmcore result" \
	"audit --json vmcore" "info --facts vmcore" "dmesg vmcore"; do
	# shellcheck disable=SC2086
	strace -f -o calls -e trace=%file,memfd_create "$VMCULL" $command >out 2>err ||
		fail "$command: $(tail -n 3 err)"
	grep -E 'O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE|creat\(|memfd_create|mkdir|mknod|symlink' calls |
		grep -v 'result\(\.[12]\)\?\.incomplete", O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC' >others
	[ ! -s others ] || fail "$command: opened for writing: $(cat others)"
done
