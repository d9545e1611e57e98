/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "program.h"
#include "signals.h"
#include "standard_streams.h"

int main(int argc, char **argv)
{
	standard_streams_init();
	signals_init();
	return standard_streams_finish(program_run(argc, argv));
}
