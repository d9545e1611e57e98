#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A dump is made of its input and of what was asked for, and of nothing else: the same bytes in every
# form by any number of threads and any way to read, whatever surrounds the program.  (What another
# build writes is for tests/cross/same_bytes.sh.)
. "$SRCDIR/tests/cli/functions"
fixture
need python3 sha256sum
lean=no
"$VMCULL" --version | grep -Eq '^without .*\<convert\>' && lean=yes
{
	for codec in $("$VMCULL" --version | sed -n 's/^codec \([a-z]*\):.*/\1/p'); do
		echo "filter --codec=$codec"
	done
	for form in "-l -d0" -E "-l --split=3" "-l --compact-map" --small "-l --share-pages" \
		"-l --no-checksums" "-l -F" "-F -E" --map-only; do
		echo "filter $form"
	done
	if [ $lean = no ]; then
		for form in --to=elf --codec=lzo "--share-pages --compact-map"; do
			echo "convert $form"
		done
	fi
	echo "makedumpfile -l -d 31"
	echo "makedumpfile -E -d 31"
} >forms
run 0 filter -q -d 8 vmcore filtered

# make COMMAND FORM PROGRAM...: by $VMCULL, which a program may start
make()
{
	command=$1 form=$2
	shift 2
	rm -f result*
	# shellcheck disable=SC2086
	case "$command $form" in
	filter*-F*) "$@" "$VMCULL" filter -q $form $options "$input" >result 2>err </dev/null ;;
	filter*) "$@" "$VMCULL" filter -q $form $options "$input" result >out 2>err </dev/null ;;
	convert*) "$@" "$VMCULL" convert -q $form $options "$converted" result >out 2>err </dev/null ;;
	*) "$@" "$VMCULL" makedumpfile $form "$input" result >out 2>err </dev/null ;;
	esac || fail "$command $form: $(cat err)"
}

# digests NAME [PROGRAM...]: of all that is made, against the first such list
input=vmcore converted=filtered options=
digests()
{
	list=$1
	shift
	while read -r command form; do
		make "$command" "$form" "$@"
		[ "$(cat result* | wc -c)" -gt 100000 ] || fail "$list: $command $form: nothing"
		echo "$(cat result* | sha256sum) $command $form"
	done <forms >"$list"
	[ $list = reference ] || cmp -s reference $list || fail "$list: $(diff reference $list)"
}

digests reference
[ "$(cut -d ' ' -f 1 reference | sort -u | wc -l)" -gt 12 ] || fail "all outputs are one"

# What surrounds it: time, zone, language, terminal, what its memory held; where that lies, the host.
elsewhere=
if setarch -R unshare -u true 2>/dev/null; then
	elsewhere='setarch -R unshare -u'
fi
# shellcheck disable=SC2016,SC2086
digests elsewhere $elsewhere env -i PATH="$PATH" TZ=Asia/Kathmandu LC_ALL=tr_TR.UTF-8 TERM=xterm \
	COLORTERM=truecolor COLUMNS=40 HOME=/nowhere TMPDIR=/nowhere MALLOC_PERTURB_=165 \
	ASAN_OPTIONS="${ASAN_OPTIONS:-}:malloc_fill_byte=90:max_malloc_fill_size=100000000" \
	LSAN_OPTIONS="${LSAN_OPTIONS:-}" own_host="$elsewhere" \
	sh -c '[ -z "$own_host" ] || echo elsewhere >/proc/sys/kernel/hostname; exec "$@"' sh

# How it reads, and by how many threads.
for options in "--threads=3 --no-mmap" --threads=8; do
	digests "$(echo "$options" | tr -d ' -')"
done
options=

# From here on each form once.
sed -i '/--codec=/d' forms reference

# What the input is called, and as a stream, which is read in pieces.
mkdir folder
ln -s ../vmcore folder/other
ln -s ../filtered folder/filtered
input=folder/other converted=folder/filtered
digests name
PYTHONPATH=$SRCDIR/tests/interop python3 -c 'import flattened
flattened.flatten("vmcore", "stream")
flattened.flatten("filtered", "filtered-stream")'
input=stream converted=filtered-stream
digests streamed
rm -f result*
"$VMCULL" makedumpfile -R result <stream >out 2>err || fail "-R of a file"
cmp result vmcore || fail "-R of a file"
rm result
# shellcheck disable=SC2002
cat stream | "$VMCULL" makedumpfile -R result >out 2>err || fail "-R of a pipe"
cmp result vmcore || fail "-R of a pipe"
rm -f stream filtered-stream

# Parts of a dump, in any order.
[ $lean = no ] || exit 0
rm -f result
run 0 filter -q --split=3 vmcore part
run 0 convert -q part.1 part.2 part.3 joined
run 0 convert -q part.3 part.1 part.2 result
cmp joined result || fail "the order of the parts makes a difference"
