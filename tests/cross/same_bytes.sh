#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the program writes and says is, byte for byte, what another build of it says (VMCULL_REFERENCE):
# for another machine, by another compiler, with sanitizers, for a crash kernel.  Each is run in a
# folder of its own, with the same arguments.  What one of the two was built without is left out.
. "$SRCDIR/tests/cli/functions"
[ -x "${VMCULL_REFERENCE:?}" ] || skip "there is no $VMCULL_REFERENCE to compare with"
need zstd python3
mkdir here there

run_in()
{
	folder=$1 program=$2
	shift 2
	status=0
	(cd $folder && "$program" "$@" >out 2>err </dev/null) || status=$?
	[ $status -le 4 ] || fail "$program $*: exit status $status: $(tail -n 3 $folder/err)"
	echo $status >$folder/status
	# How long it took, and progress, which only what takes long tells.
	sed -i '/^  "seconds": /d' $folder/out
	sed -i '/^[A-Z][a-z ]* [0-9]* %/d' $folder/err
	sed -i '/^ *"\(sync_\)\?seconds": /d; /^ *"threads\(_memory\)\?": /d' $folder/out
}

# same ARGUMENT...: exit status, both streams and all files that were written.
runs=0
same()
{
	rm -rf here/* there/*
	run_in here "$VMCULL" "$@"
	run_in there "$VMCULL_REFERENCE" "$@"
	diff -rq here there >differs || fail "vmcull $*: $(cat differs)"
	runs=$((runs + 1))
}

# The same and successful, with something to show for it.
same_output()
{
	same "$@"
	[ "$(cat here/status)" = 0 ] || fail "vmcull $*: exit status $(cat here/status): $(cat here/err)"
	[ -n "$(find here -type f ! -name status -size +0)" ] || fail "vmcull $*: nothing came of it"
}

"$SRCDIR/tests/unpack" "$SRCDIR/testdata/whole/vmcore.zst" "$PWD/vmcore"
# Of the same library in the same version: there is more than one that writes zlib.
"$VMCULL" --version | grep '^codec' | sort >codecs
"$VMCULL_REFERENCE" --version | grep '^codec' | sort >codecs-there
for codec in $(comm -12 codecs codecs-there | sed -n 's/^codec \([^:]*\):.*/\1/p'); do
	same_output filter -q --codec="$codec" ../vmcore result
	same_output filter -q -d 0 --codec="$codec" --share-pages ../vmcore result
done
for codec in lzo zstd; do
	grep -q "^codec $codec:" codecs || fail "codec $codec is not built in"
done

# both TEXT: both programs say so of themselves
both()
{
	"$VMCULL" --version | grep -Eq "$1" && "$VMCULL_REFERENCE" --version | grep -Eq "$1"
}
lean=no
both '^part libbpf' && both '^part pictures' || lean=yes
for level in 0 1 16; do
	same_output filter -q -l -d $level ../vmcore result
done
# What an audit reads is less where there is nothing to read types with; two threads read by turns.
[ $lean = yes ] || same_output filter -q --map-only --threads=1 --trace-reads=reads ../vmcore result
# shellcheck disable=SC2086
for form in -E -F "-F -E" "-l --split=3" "-l --compact-map" "-l --share-pages" \
	"-l --no-checksums" "-l --no-mmap" "-l -d 0 --exclude=user"; do
	case $form in
	*-F*) same_output filter -q --threads=3 $form ../vmcore ;;
	*) same_output filter -q --threads=3 $form ../vmcore result ;;
	esac
done
[ $lean = yes ] || same_output filter -q --small ../vmcore result
same_output makedumpfile --message-level 0 -l -d 31 ../vmcore result
same_output makedumpfile --message-level 0 -F -d 31 ../vmcore
same_output dmesg ../vmcore log
same_output dmesg --json ../vmcore

# A build for a crash kernel says other things: that it was built without some.
if [ $lean = yes ]; then
	for packed in "$SRCDIR"/testdata/stripped/*/vmcore.zst "$SRCDIR"/testdata/arch/*/vmcore.zst; do
		"$SRCDIR/tests/unpack" "$packed" "$PWD/other"
		same_output filter -q ../other result
		rm -f other
	done
	echo "$runs runs, each the same"
	exit
fi
same_output explain --json ../vmcore 0 4096 30000 81875 0x1000000 virt:0xffffffff81000000
same_output audit --zero ../vmcore
same_output audit --json ../vmcore
same_output audit --ranges --attributes ../vmcore
same_output audit --ranges --csv ../vmcore
same_output audit --map=map.png ../vmcore
same_output audit --map=map.svg --html=report.html ../vmcore
same_output info --facts --runs ../vmcore
same_output info --facts --runs --json ../vmcore

# Where offsets need more than 32 bits.  With --no-mmap: QEMU 7.2 maps what lies 4 GiB before that.
python3 - vmcore far <<'PYTHON'
import struct, sys
shift = 5 << 30
with open(sys.argv[1], "rb") as near, open(sys.argv[2], "wb") as far:
    head = bytearray(near.read(4096))
    table, = struct.unpack_from("<Q", head, 32)
    size, count = struct.unpack_from("<HH", head, 54)
    for entry in range(table, table + size * count, size):
        offset, = struct.unpack_from("<Q", head, entry + 8)
        struct.pack_into("<Q", head, entry + 8, offset + shift)
    far.write(head)
    near.seek(0)
    while chunk := near.read(1 << 20):
        if any(chunk):
            far.seek(shift + near.tell() - len(chunk))
            far.write(chunk)
    far.truncate(shift + near.tell())
PYTHON
same_output audit --no-mmap --json ../far
same_output filter --no-mmap -q -l ../far result
cp here/result far-result
"$VMCULL_REFERENCE" filter -q -l vmcore near-result
cmp far-result near-result || fail "where the pages lie in the file makes a difference"
rm -f far far-result near-result

# A dump that is not ELF, and each way to tell what was found wrong.
"$VMCULL_REFERENCE" filter -q -z -d 1 vmcore filtered || fail "the reference writes no dump"
same_output audit --json ../filtered
same_output info --json ../filtered
same_output filter -q -c ../filtered result
same diff --json --content ../vmcore ../filtered
same diff --ranges ../vmcore ../filtered
for form in --to=elf --codec=lzo --split=2 --compact-map --share-pages; do
	same_output convert -q $form ../filtered result
done
same_output convert -q -F ../filtered -
same_output verify --json --against=../vmcore ../filtered
head -c 5000000 filtered >cut
same audit ../cut
same filter -q ../cut result
rm -f vmcore filtered cut

# Kernels with type information and symbols, and what is only in some.
for packed in "$SRCDIR"/testdata/stripped/*/vmcore.zst "$SRCDIR"/testdata/unaccepted/*/vmcore.zst \
    "$SRCDIR"/testdata/arch/*/vmcore.zst; do
	"$SRCDIR/tests/unpack" "$packed" "$PWD/vmcore"
	same_output info --facts --json ../vmcore
	same_output audit --json ../vmcore
	same_output filter -q ../vmcore result
	rm -f vmcore
done
echo "$runs runs, each the same"
