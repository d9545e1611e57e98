/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "audit/strip/anonymize.h"
#include "expect.h"

static struct anonymizer anonymizer;

static void blanks(const char *text, const char *expected)
{
	size_t length = strlen(text);
	char *copy = malloc(length); /* no NUL behind it, as in the log */

	memcpy(copy, text, length);
	anonymizer_blank(&anonymizer, copy, length, '#');
	assert_int_equal(length, strlen(expected));
	assert_memory_equal(copy, expected, length);
	free(copy);
}

static void learn(const char *text)
{
	succeed(anonymizer_learn(&anonymizer, text, strlen(text)));
}

static void test_command_line(void **state)
{
	(void)state;
	succeed(anonymizer_init(&anonymizer, "(none)", ""));
	blanks("Command line: quiet a=1", "Command line:##########");
	blanks("Kernel command line: ro", "Kernel command line:###");
	blanks("Unknown kernel command line parameters \"x=y\", so", "Unknown kernel command line"
								     "#####################");
	blanks("Command line", "Command line");
	blanks("Linux version 6.1 (none)", "Linux version 6.1 (none)");

	learn("Booting with secret=1234567");
	blanks("secret=1234567", "secret=1234567");
	learn("Command line: root=UUID=0815 ro a=1 quiet");
	blanks("mounting root=UUID=0815 ro a=1", "mounting ############## ro a=1");
	blanks("xroot=UUID=0815 root=UUID=08150", "xroot=UUID=0815 root=UUID=08150");
	blanks("\"root=UUID=0815\"", "\"##############\"");
	anonymizer_deinit(&anonymizer);
}

static void test_names(void **state)
{
	(void)state;
	succeed(anonymizer_init(&anonymizer, "db1.example.org", "nis-domain"));
	blanks("hostname db1.example.org", "hostname ###############");
	blanks("db1: up, db12 not; db1", "###: up, db12 not; ###");
	blanks("in nis-domain.", "in ##########.");
	anonymizer_deinit(&anonymizer);

	succeed(anonymizer_init(&anonymizer, "localhost", "(none)"));
	blanks("localhost (none)", "localhost (none)");
	anonymizer_deinit(&anonymizer);
	succeed(anonymizer_init(&anonymizer, "localhost.x.org", ""));
	blanks("localhost localhost.x.org", "localhost ###############");
	anonymizer_deinit(&anonymizer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_command_line),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
