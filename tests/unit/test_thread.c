/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads of the library: which signals they get, their stack, and how many there can be. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sched.h>

#include "base/thread.h"
#include "codec/codec.h"
#include "expect.h"

/* What may be left to what calls codecs, to messages and to handlers of signals. */
#define CODEC_STACK_MAX (THREAD_STACK_SIZE / 4)

#define PAINT 0xa5

static void *tell_blocked(void *arg)
{
	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, arg), 0);
	return NULL;
}

static void test_signals(void **state)
{
	sigset_t before, inside, after;
	pthread_t thread;

	(void)state;
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	assert_true(thread_start(tell_blocked, &inside, &thread));
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(sigismember(&inside, SIGINT), 1);
	assert_int_equal(sigismember(&inside, SIGTERM), 1);
	assert_int_equal(sigismember(&inside, SIGALRM), 1);
	assert_int_equal(sigismember(&inside, SIGBUS), 0);
	assert_int_equal(sigismember(&inside, SIGSEGV), 0);
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	for (int signal = 1; signal < NSIG; signal++)
		assert_int_equal(sigismember(&after, signal), sigismember(&before, signal));
}

static void test_usable_cpus(void **state)
{
	cpu_set_t all, one;
	int first = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	assert_int_equal(thread_usable_cpus(), CPU_COUNT(&all));
	while (!CPU_ISSET(first, &all))
		first++;
	CPU_ZERO(&one);
	CPU_SET(first, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(thread_usable_cpus(), 1);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

struct use {
	const struct vmc_codec *codec;
	int level;
	size_t stack; /* bytes, of the largest piece */
};

static uint8_t page[CODEC_INPUT_MAX], decoded[CODEC_INPUT_MAX];
static uint8_t stored[CODEC_BOUND(CODEC_INPUT_MAX)];

static void use_codec(const struct use *use)
{
	void *encoder, *decoder;
	size_t size;

	succeed(use->codec->encoder_create(use->level, &encoder));
	size = use->codec->encode(encoder, page, sizeof(page), stored, sizeof(page));
	use->codec->encoder_destroy(encoder);
	assert_int_not_equal(size, 0);
	if (use->codec->format == CODEC_RAW || !use->codec->decoder_create)
		return;
	succeed(use->codec->decoder_create(&decoder));
	succeed(use->codec->decode(decoder, stored, size, decoded, sizeof(decoded)));
	use->codec->decoder_destroy(decoder);
}

/* Below the frames of the callers, from the end of the stack on. */
static size_t __attribute__((noinline, no_sanitize("address", "thread"))) measure(struct use *use)
{
	volatile uint8_t *top = __builtin_frame_address(0), *bottom;
	pthread_attr_t attributes;
	void *start;
	size_t size;

	assert_int_equal(pthread_getattr_np(pthread_self(), &attributes), 0);
	assert_int_equal(pthread_attr_getstack(&attributes, &start, &size), 0);
	pthread_attr_destroy(&attributes);
	bottom = start;
	top -= 4096;
	for (volatile uint8_t *at = bottom; at < top; at++)
		*at = PAINT;
	use_codec(use);
	while (bottom < top && *bottom == PAINT)
		bottom++;
	return (size_t)(top - bottom);
}

static void *run_measure(void *arg)
{
	struct use *use = arg;

	use->stack = measure(use);
	return NULL;
}

static void test_stack(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)((i * i >> 7) * (i % 32 < 20));
	for (size_t i = 0; i < vmc_codec_count(); i++) {
		const struct vmc_codec *codec = vmc_codec_at(i);

		for (int level = codec->level_min; level <= codec->level_max; level++) {
			struct use use = {.codec = codec, .level = level};
			pthread_t thread;

			assert_true(thread_start(run_measure, &use, &thread));
			assert_int_equal(pthread_join(thread, NULL), 0);
			if (use.stack > CODEC_STACK_MAX)
				fail_msg("%s:%d uses %zu bytes of stack", codec->name, level,
					 use.stack);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_usable_cpus),
		cmocka_unit_test(test_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
