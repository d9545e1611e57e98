/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peak OUT COMMAND...: run a command and write to OUT how long it took, its
 * largest resident size (in true kilobytes: busybox's time counts in another
 * unit) and the lowest MemAvailable and MemFree that were seen, looked at
 * every 5 ms, or every $PEAK_MS ms: on the one CPU of a capture kernel each
 * look costs the command some wall time.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct memory {
	long free, available; /* KiB */
};

static long number_after(const char *text, const char *key)
{
	const char *found = strstr(text, key);

	return found ? atol(found + strlen(key)) : -1;
}

static void look(int meminfo, struct memory *lowest)
{
	char text[256]; /* both are in the first three lines */
	ssize_t n = pread(meminfo, text, sizeof(text) - 1, 0);
	struct memory seen;

	if (n <= 0)
		return;
	text[n] = 0;
	seen.free = number_after(text, "MemFree:");
	seen.available = number_after(text, "MemAvailable:");
	if (lowest->free < 0 || seen.free < lowest->free)
		lowest->free = seen.free;
	if (lowest->available < 0 || seen.available < lowest->available)
		lowest->available = seen.available;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	int meminfo = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	const char *interval = getenv("PEAK_MS");
	struct memory start = {-1, -1}, lowest;
	struct rusage usage;
	double started;
	int status, code;
	pid_t child;
	FILE *out;

	if (argc < 3) {
		fprintf(stderr, "usage: peak OUT COMMAND...\n");
		return 2;
	}
	look(meminfo, &start);
	lowest = start;
	started = now();
	child = fork();
	if (!child) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	while (wait4(child, &status, WNOHANG, &usage) != child) {
		look(meminfo, &lowest);
		usleep(1000 * (interval ? atoi(interval) : 5));
	}
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	out = fopen(argv[1], "w");
	if (!out) {
		perror(argv[1]);
		return 1;
	}
	fprintf(out, "seconds %.2f\nmaxrss_kb %ld\n", now() - started, usage.ru_maxrss);
	fprintf(out, "utime %ld.%02ld\nstime %ld.%02ld\n", usage.ru_utime.tv_sec,
		usage.ru_utime.tv_usec / 10000, usage.ru_stime.tv_sec,
		usage.ru_stime.tv_usec / 10000);
	fprintf(out, "memavailable_start_kb %ld\nmemavailable_min_kb %ld\n", start.available,
		lowest.available);
	fprintf(out, "memfree_start_kb %ld\nmemfree_min_kb %ld\nstatus %d\n", start.free,
		lowest.free, code);
	fclose(out);
	return code;
}
