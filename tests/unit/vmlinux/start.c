/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The second unit of that program: with a static variable of a name that the first has, too. */
struct elsewhere {
	long number;
};

static long twice __attribute__((used));
struct elsewhere something;

int main(void)
{
	return 0;
}
