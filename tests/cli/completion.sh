#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Completions: bash completes with them, zsh and fish understand them, and every command and option of the
# help is in each.
. "$SRCDIR/tests/cli/functions"
need bash
"$VMCULL" --completion=bash >/dev/null 2>&1 || skip "a lean build has no completions"

run 2 --completion=tcsh
said_usage "no completions for 'tcsh'; known are bash, fish and zsh"
for shell in bash zsh fish; do
	run 0 --completion=$shell
	[ -s err ] && fail "$shell: there should be nothing on stderr"
	cp out vmcull.$shell
done
bash -n vmcull.bash || fail "bash does not understand its completions"
! command -v zsh >/dev/null || zsh -n vmcull.zsh || fail "zsh does not understand its completions"
! command -v fish >/dev/null || fish --no-execute vmcull.fish || fail "fish does not understand"

# offers WORD...: what bash offers for the last WORD behind "vmcull", split up as bash does it.
offers()
{
	bash -c '. ./vmcull.bash
		COMP_WORDS=("${behind:-vmcull}" "$@") COMP_CWORD=$#
		_vmcull
		printf "%s\n" "${COMPREPLY[@]}"' offers "$@" >offered 2>err || fail "offers $*"
	[ -s err ] && fail "offers $*: there should be nothing on stderr"
	tr '\n' ' ' <offered
}

# is_offered "WORD WORD…" WORD...: exactly these, in this order.
is_offered()
{
	wanted=$1
	shift
	found=$(offers "$@")
	[ "$found" = "$wanted " ] || fail "offered for '$*': '$found', not '$wanted'"
}

is_offered "filter" fil
is_offered "info" in
is_offered "info" help in
is_offered "--version" --v
is_offered "--exclude=" filter --ex
is_offered "--check" audit --ch
is_offered "31" filter -d 3
is_offered "31" filter --level 3
is_offered "31" filter --level = 3
is_offered "cache cache-private" filter --exclude = ca
is_offered "free,cache free,cache-private" filter --exclude = free,ca
is_offered "zlib" filter --codec zl
is_offered "note" audit --check = no
is_offered "" audit --check no # its value needs a "="
is_offered "" filter -i ./ # names of files are for bash to complete
is_offered "" filter vm
is_offered "" filter -- -
is_offered "" filter --map-only x
is_offered "err" dmesg -l er
is_offered "kern,daemon" dmesg --facility kern,da
is_offered "iso" dmesg --time = is
is_offered "--dump-dmesg" makedumpfile --du
is_offered "31,17" makedumpfile -d 31,17
behind=/usr/bin/makedumpfile
export behind
is_offered "--reassemble" --re
is_offered "15" --message-level 15
is_offered "" -x vm
unset behind
case " $(offers filter --keep = '') " in
	*" offline "* | *" hwpoison "*) fail "what cannot be kept is offered" ;;
	*" free "*) ;;
	*) fail "free is not offered" ;;
esac
for codec in $(sed -n 's/^codec \([a-z0-9]*\):.*/\1/p' <<LIST
$("$VMCULL" --version)
LIST
); do
	case " $(offers filter --codec = '') " in *" $codec "*) ;; *) fail "$codec is not offered" ;; esac
done

run 0 --help
sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' out >commands
[ -s commands ] || fail "no commands are listed"
offers '' >/dev/null
while read -r command; do
	grep -qx "$command" offered || fail "$command is not offered"
done <commands
while read -r command; do
	[ "$command" != help ] || continue # it has no options
	run 0 "$command" --help
	sed -n 's/^  *\(-[^ ].*\)/\1/p' out | sed 's/   *.*//' | grep -oE '(^| )--?[a-zA-Z][a-z-]*' |
		tr -d ' ' | sort -u >in-help
	[ -s in-help ] || fail "$command has no options"
	offers "$command" - >/dev/null
	sed 's/=$//' offered | sort >in-bash
	diff in-help in-bash >differences || fail "$command, in help and bash: $(cat differences)"
	sed -n "/^_vmcull_$command()/,/^}/p" vmcull.zsh |
		grep -oE "(['{,])--?[a-zA-Z][a-z-]*" | tr -d "'{," | sed 's/=.*//; s/-$//' | sort -u >in-zsh
	diff in-help in-zsh >differences || fail "$command, in help and zsh: $(cat differences)"
	sed -n "s/^.*_from $command'//p" vmcull.fish | grep -oE '^ (-s [a-zA-Z])?( ?-l [a-z-]*)?' |
		grep -oE '(-s [a-zA-Z]|-l [a-z-]*)' | sed 's/-s /-/; s/-l /--/' | sort -u >in-fish
	diff in-help in-fish >differences || fail "$command, in help and fish: $(cat differences)"
done <commands

# A shell that runs them: each offers the same.
if command -v fish >/dev/null; then
	HOME=$PWD fish -c 'source vmcull.fish; complete -C "vmcull filter --codec=zl"' >out 2>err ||
		fail "fish"
	grep -q '^--codec=zlib' out || fail "fish does not offer zlib"
	HOME=$PWD fish -c 'source vmcull.fish; complete -C "vmcull he"' >out 2>err || fail "fish"
	grep -q '^help	show the help' out || fail "fish does not offer help"
fi
