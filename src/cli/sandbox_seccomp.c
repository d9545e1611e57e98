/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp, by its own words: a list of the system calls that are needed when all is open.
 *
 * What is not on it fails with EPERM, and the program says so.  Calls from 424 on have one number
 * everywhere (Linux 5.1): a C library that is younger than this list tries them first, and goes
 * back to older ones after ENOSYS.  clone3() is among them, whose flags cannot be looked at.
 */
#include "sandbox_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

/* Where that is not known, or numbers are others than those in <sys/syscall.h>, is no filter. */
#if defined(__x86_64__) && !defined(__ILP32__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__) && !defined(__ILP32__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__ARM_EABI__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCH AUDIT_ARCH_ARM
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCH AUDIT_ARCH_PPC64LE
#elif defined(__powerpc64__)
#define ARCH AUDIT_ARCH_PPC64
#elif defined(__s390x__)
#define ARCH AUDIT_ARCH_S390X
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#elif defined(__loongarch64) && defined(AUDIT_ARCH_LOONGARCH64)
#define ARCH AUDIT_ARCH_LOONGARCH64
#endif

#ifdef ARCH

#define X32_BIT   0x40000000 /* of x86_64: the same calls by other numbers */
#define WORDS_MAX 400

/* Linux before 4.14 takes this for the end of the thread. */
#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000U
#endif
#define FAIL(number) (SECCOMP_RET_ERRNO | ((number)&SECCOMP_RET_DATA))

#ifdef SANDBOX_LENIENT
/* A leak check clones, traces and reads /proc; gcov writes.  What kills does so all the same. */
#define OTHERS SECCOMP_RET_ALLOW
#else
#define OTHERS             FAIL(EPERM)
#define NUMBERS_ARE_COMMON 424
#endif

/* The word of an argument that has the lower 32 bits. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW 4
#else
#define LOW 0
#endif
#define ARGUMENT(n) ((uint32_t)offsetof(struct seccomp_data, args[n]) + LOW)

/* No program of ours has a use for them, nor has a library that it uses. */
static const int killing[] = {
	__NR_execve,
	__NR_execveat,
#ifndef SANDBOX_LENIENT
	__NR_ptrace,
#endif
	__NR_process_vm_writev,
#ifdef __NR_socket
	__NR_socket,
#endif
#ifdef __NR_connect
	__NR_connect,
#endif
#ifdef __NR_socketcall
	__NR_socketcall,
#endif
};

/* The most frequent first. */
static const int allowed[] = {
	__NR_futex,
#ifdef __NR_futex_time64
	__NR_futex_time64,
#endif
	__NR_pread64, __NR_pwrite64, __NR_read, __NR_write, __NR_madvise, __NR_munmap, __NR_brk,
	__NR_clock_gettime,
#ifdef __NR_clock_gettime64
	__NR_clock_gettime64,
#endif
	__NR_gettimeofday, __NR_readv, __NR_writev, __NR_lseek,
#ifdef __NR__llseek
	__NR__llseek,
#endif
#ifdef __NR_poll
	__NR_poll,
#endif
	__NR_ppoll,
#ifdef __NR_ppoll_time64
	__NR_ppoll_time64,
#endif
	__NR_mremap,
/* what is there */
#ifdef __NR_fstat
	__NR_fstat,
#endif
#ifdef __NR_fstat64
	__NR_fstat64,
#endif
#ifdef __NR_stat
	__NR_stat,
#endif
#ifdef __NR_stat64
	__NR_stat64,
#endif
#ifdef __NR_lstat
	__NR_lstat,
#endif
#ifdef __NR_newfstatat
	__NR_newfstatat,
#endif
#ifdef __NR_fstatat64
	__NR_fstatat64,
#endif
#ifdef __NR_statx
	__NR_statx,
#endif
	__NR_fstatfs,
#ifdef __NR_fstatfs64
	__NR_fstatfs64,
#endif
#ifdef __NR_access
	__NR_access,
#endif
	__NR_faccessat,
	/* open files */
	__NR_close, __NR_fcntl,
#ifdef __NR_fcntl64
	__NR_fcntl64,
#endif
	__NR_fsync, __NR_fdatasync, __NR_ftruncate,
#ifdef __NR_ftruncate64
	__NR_ftruncate64,
#endif
	__NR_fallocate,
#ifdef __NR_sync_file_range
	__NR_sync_file_range,
#endif
#ifdef __NR_sync_file_range2
	__NR_sync_file_range2,
#endif
#ifdef __NR_arm_sync_file_range
	__NR_arm_sync_file_range,
#endif
#ifdef __NR_fadvise64
	__NR_fadvise64,
#endif
#ifdef __NR_fadvise64_64
	__NR_fadvise64_64,
#endif
#ifdef __NR_arm_fadvise64_64
	__NR_arm_fadvise64_64,
#endif
	/* signals and time */
	__NR_rt_sigaction, __NR_rt_sigprocmask, __NR_rt_sigreturn,
#ifdef __NR_sigreturn
	__NR_sigreturn,
#endif
	__NR_sigaltstack, __NR_restart_syscall,
#ifdef __NR_alarm
	__NR_alarm,
#endif
	__NR_setitimer, __NR_nanosleep, __NR_clock_nanosleep,
	/* threads, and the end of them */
	__NR_set_robust_list,
#ifdef __NR_rseq
	__NR_rseq,
#endif
	__NR_sched_getaffinity, __NR_sched_yield, __NR_gettid, __NR_getpid,
#ifdef __NR_getrlimit
	__NR_getrlimit,
#endif
#ifdef __NR_ugetrlimit
	__NR_ugetrlimit,
#endif
	__NR_sysinfo,
#ifdef __NR_getrandom
	__NR_getrandom,
#endif
	__NR_exit, __NR_exit_group,
#ifdef __ARM_EABI__
	0x0f0002, /* cacheflush, in no header that is for all */
	0x0f0005, /* set_tls */
#endif
};

/* Where an output is made: names change in folders that Landlock allows. */
static const int writing[] = {
#ifdef __NR_rename
	__NR_rename,
#endif
#ifdef __NR_renameat
	__NR_renameat,
#endif
	__NR_renameat2,
#ifdef __NR_unlink
	__NR_unlink,
#endif
	__NR_unlinkat,
};

struct program {
	struct sock_filter words[WORDS_MAX];
	unsigned short count;
};

static void add(struct program *program, uint16_t code, uint32_t value, uint8_t if_true,
		uint8_t if_false)
{
	program->words[program->count++] =
		(struct sock_filter){.code = code, .jt = if_true, .jf = if_false, .k = value};
}

static void load(struct program *program, uint32_t offset)
{
	add(program, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

static void end_with(struct program *program, uint32_t action)
{
	add(program, BPF_RET | BPF_K, action, 0, 0);
}

/* A call that ends there, whatever its arguments. */
static void add_call(struct program *program, int number, uint32_t action)
{
	add(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1);
	end_with(program, action);
}

static void add_calls(struct program *program, const int *numbers, size_t count, uint32_t action)
{
	for (size_t i = 0; i < count; i++)
		add_call(program, numbers[i], action);
}

/* A call that is decided by the lower half of one argument: what @mask leaves of it has to be among
 * @values. */
static void add_call_of(struct program *program, int number, unsigned int argument, uint32_t mask,
			const uint32_t *values, size_t count, uint32_t otherwise)
{
	add(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, (uint8_t)(3 + 2 * count));
	load(program, ARGUMENT(argument));
	add(program, BPF_ALU | BPF_AND | BPF_K, mask, 0, 0);
	for (size_t i = 0; i < count; i++) {
		add(program, BPF_JMP | BPF_JEQ | BPF_K, values[i], 0, 1);
		end_with(program, SECCOMP_RET_ALLOW);
	}
	end_with(program, otherwise);
}

/* The flags that open() may come with: a new file, never one that is there, and a folder. */
static void add_opens(struct program *program, const struct sandbox *sandbox)
{
	static const uint32_t flags[] = {O_RDWR | O_CREAT | O_EXCL, O_WRONLY | O_CREAT | O_EXCL,
					 O_RDONLY | O_DIRECTORY};
	uint32_t mask = ~(uint32_t)(O_CLOEXEC | O_LARGEFILE);
	size_t count = sizeof(flags) / sizeof(flags[0]);

	if (!sandbox_writes(sandbox))
		return;
#ifdef __NR_open
	add_call_of(program, __NR_open, 1, mask, flags, count, OTHERS);
#endif
	add_call_of(program, __NR_openat, 2, mask, flags, count, OTHERS);
}

/* Memory that is executed, of which there is enough by now. */
static void add_mappings(struct program *program)
{
	static const uint32_t no = 0;
	static const int calls[] = {
#ifdef __NR_mmap2
		__NR_mmap2,
#elif !defined(__s390x__)
		__NR_mmap,
#endif
		__NR_mprotect,
	};

#ifdef __s390x__ /* has its arguments in memory */
	add_call(program, __NR_mmap, SECCOMP_RET_ALLOW);
#endif
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		add_call_of(program, calls[i], 2, PROT_EXEC, &no, 1, FAIL(EPERM));
}

/* Threads, and no processes. */
static void add_clone(struct program *program)
{
	static const uint32_t thread = CLONE_THREAD;
#ifdef __s390x__
	unsigned int flags = 1;
#else
	unsigned int flags = 0;
#endif

	add_call_of(program, __NR_clone, flags, CLONE_THREAD, &thread, 1, OTHERS);
}

/* The width of a terminal, and whether it is one; signals to itself; limits, to be looked at. */
static void add_others(struct program *program)
{
	static const uint32_t terminal[] = {TIOCGWINSZ, TCGETS}, none = 0;
	const uint32_t self = (uint32_t)getpid();

	add_call_of(program, __NR_ioctl, 1, UINT32_MAX, terminal, 2, OTHERS);
	add_call_of(program, __NR_tgkill, 0, UINT32_MAX, &self, 1, OTHERS);
	add_call_of(program, __NR_prlimit64, 2, UINT32_MAX, &none, 1, OTHERS);
}

static void compose(struct program *program, const struct sandbox *sandbox)
{
	load(program, offsetof(struct seccomp_data, arch));
	add(program, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	end_with(program, SECCOMP_RET_KILL_PROCESS);
	load(program, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	add(program, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
	end_with(program, SECCOMP_RET_KILL_PROCESS);
#endif
	add_calls(program, allowed, sizeof(allowed) / sizeof(allowed[0]), SECCOMP_RET_ALLOW);
	add_mappings(program);
	add_clone(program);
	add_opens(program, sandbox);
	if (sandbox_writes(sandbox))
		add_calls(program, writing, sizeof(writing) / sizeof(writing[0]),
			  SECCOMP_RET_ALLOW);
	add_others(program);
	add_calls(program, killing, sizeof(killing) / sizeof(killing[0]), SECCOMP_RET_KILL_PROCESS);
#ifdef NUMBERS_ARE_COMMON
	add(program, BPF_JMP | BPF_JGE | BPF_K, NUMBERS_ARE_COMMON, 0, 1);
	end_with(program, FAIL(ENOSYS));
#endif
	end_with(program, OTHERS);
}

int sandbox_seccomp(const struct sandbox *sandbox)
{
	struct program program = {.count = 0};

	compose(&program, sandbox);

	struct sock_fprog filter = {.len = program.count, .filter = program.words};

	/* Before threads: no need for TSYNC of seccomp(), which is younger than this.  EINVAL: a
	 * kernel without it; EPERM: containers that allow no more of it. */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0)
		return 0;
	return errno == EINVAL || errno == EPERM ? ENOSYS : errno;
}

#else

int sandbox_seccomp(const struct sandbox *sandbox)
{
	(void)sandbox;
	return ENOSYS;
}

#endif
