/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peak OUT COMMAND...: run a command and write to OUT how long it took, its
 * largest resident size (in true kilobytes: busybox's time counts in another
 * unit) and the lowest MemAvailable and MemFree that were seen, looked at
 * every 5 ms.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long meminfo(const char *key)
{
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128];
	long value = -1;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, key, strlen(key)))
			value = atol(line + strlen(key));
	if (file)
		fclose(file);
	return value;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	long available = meminfo("MemAvailable:"), free = meminfo("MemFree:");
	long lowest_available = available, lowest_free = free;
	double start = now();
	struct rusage usage;
	int status, code;
	pid_t child;
	FILE *out;

	if (argc < 3) {
		fprintf(stderr, "usage: peak OUT COMMAND...\n");
		return 2;
	}
	child = fork();
	if (!child) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	while (wait4(child, &status, WNOHANG, &usage) != child) {
		long a = meminfo("MemAvailable:"), f = meminfo("MemFree:");

		if (a < lowest_available)
			lowest_available = a;
		if (f < lowest_free)
			lowest_free = f;
		usleep(5000);
	}
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	out = fopen(argv[1], "w");
	if (!out) {
		perror(argv[1]);
		return 1;
	}
	fprintf(out, "seconds %.2f\nmaxrss_kb %ld\n", now() - start, usage.ru_maxrss);
	fprintf(out, "utime %ld.%02ld\nstime %ld.%02ld\n", usage.ru_utime.tv_sec,
		usage.ru_utime.tv_usec / 10000, usage.ru_stime.tv_sec,
		usage.ru_stime.tv_usec / 10000);
	fprintf(out, "memavailable_start_kb %ld\nmemavailable_min_kb %ld\n", available,
		lowest_available);
	fprintf(out, "memfree_start_kb %ld\nmemfree_min_kb %ld\nstatus %d\n", free, lowest_free,
		code);
	fclose(out);
	return code;
}
