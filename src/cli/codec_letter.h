/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The letters that makedumpfile has for formats of compressed pages. */
#ifndef VMCULL_CLI_CODEC_LETTER_H
#define VMCULL_CLI_CODEC_LETTER_H

#define CODEC_LETTERS "clpz"

/* What vmc_codec_parse() is to be given for a letter; 0 is "none". */
const char *codec_of_letter(char letter);

#endif
