#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The sandbox of filter and audit: it is there when the dump is read, nothing is opened in it but
# what an output needs, and who executes or makes a socket inside of the program is killed.  What
# each half refuses is in unit.test_sandbox.
. "$SRCDIR/tests/cli/functions"
fixture
mkdir results

run 0 filter -qv --dry-run vmcore
grep -q '^vmcull: no sandbox: this build is without$' err && {
	run 0 filter -q --no-sandbox --dry-run vmcore
	run 0 audit --no-sandbox vmcore
	skip "this build is without a sandbox"
}
grep -q '^vmcull: sandbox for system calls: seccomp$' err || skip "no seccomp here: $(cat err)"
run 0 filter -qv --no-sandbox --dry-run vmcore
grep sandbox err && fail "a sandbox in spite of --no-sandbox"

# The same results.
run 0 filter -q vmcore results/with
run 0 filter -q --no-sandbox vmcore results/without
cmp results/with results/without || fail "the sandbox makes a difference"
run 0 audit --json vmcore && mv out results/with.json
run 0 audit --json --no-sandbox vmcore && mv out results/without.json
grep -v '"seconds' results/with.json >with && grep -v '"seconds' results/without.json >without
cmp with without || fail "the sandbox makes a difference to an audit"

need strace python3
strace -o /dev/null true || skip "strace does not work here"

# traced FILES ARGUMENT...: inside of the sandbox no file is opened but FILES (a pattern).
traced()
{
	files=$1
	shift
	status=0
	# A leak check and strace exclude each other.
	ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 \
		strace -f -e trace=open,openat,openat2,prctl,execve,socket,mmap,mprotect -o trace \
		"$VMCULL" "$@" >out 2>err </dev/null || status=$?
	[ $status = 0 ] || fail "vmcull $* under strace: $status"
	grep -q 'prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER.*= 0' trace || fail "vmcull $*: no filter"
	sed '1,/PR_SET_SECCOMP/d' trace >inside
	# What sanitizers look at is not ours.
	grep 'open[a-z0-9]*(' inside | grep -v '"/proc/self/\|"/proc/[0-9]*/' | grep -Ev "\"($files)\"" &&
		fail "vmcull $* opens this inside of its sandbox"
	grep -E 'execve|socket|PROT_EXEC' inside && fail "vmcull $* does this inside of its sandbox"
	return 0
}

folder='results|results/[a-z0-9.]*'
nothing='-'
traced "$folder" filter --json --threads=4 vmcore results/json
traced "$folder" filter -E vmcore results/elf
traced "$folder" filter --split=2 vmcore results/split
traced "$folder" filter --map-only vmcore results/map
traced "$nothing" filter --dry-run --trace-reads=results/reads vmcore
traced "$nothing" filter -F vmcore
traced "$nothing" audit vmcore
traced "$nothing" audit --json --trace-reads=results/audit-reads vmcore
traced "$nothing" audit --ranges --attributes vmcore
[ "$(strace -c "$VMCULL" audit --no-sandbox vmcore 2>&1 | grep -c seccomp)" = 0 ] ||
	fail "a filter in spite of --no-sandbox"
if draws_pictures vmcore; then
	for _ in new replaced; do
		traced "$folder" audit --map=results/map.png --map=results/map.svg \
			--html=results/page.html vmcore
	done
	[ -s results/map.svg ] || fail "no picture was drawn"
fi

# A pipe as the input.
mkfifo pipe
cat results/with >pipe &
status=0
"$VMCULL" filter -q pipe results/of-pipe >out 2>err || status=$?
wait
if [ $status = 0 ]; then
	cmp results/with results/of-pipe || fail "another dump from a pipe"
fi

# Libraries that go wrong inside of the program: what they do in fsync() kills it.  The output is
# left as any other run leaves it that is killed.
command -v cc >/dev/null || skip "no compiler for a library that goes wrong"
cat >wrong.c <<'C'
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
int fsync(int fd)
{
	const char *what = getenv("WRONG");

	(void)fd;
	if (what && strcmp(what, "socket") == 0)
		_exit(socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 55 : 56);
	if (what && strcmp(what, "execute") == 0)
		execl("/bin/sh", "sh", "-c", "exit 55", (char *)0);
	return 0;
}
C
cc -shared -fPIC -o wrong.so wrong.c || skip "the compiler makes no libraries"

# A preloaded library goes before the sanitizer's.
wrong()
{
	ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 WRONG=$1 LD_PRELOAD=$PWD/wrong.so \
		sh -c 'exec "$@"' sh "$VMCULL" filter -qf "$2" vmcore results/wrong >out 2>err
}

wrong none -q || skip "nothing can be preloaded into this build"
for what in socket execute; do
	status=0
	(wrong $what --no-sandbox) || status=$?
	[ $status = 55 ] || skip "a library does not get its way even without a sandbox ($status)"
	status=0
	(wrong $what -q) 2>/dev/null || status=$?
	[ $status = 159 ] || fail "$what inside of the sandbox: $status instead of SIGSYS"
done
