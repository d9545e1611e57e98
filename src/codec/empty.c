/* SPDX-License-Identifier: GPL-2.0-or-later */ typedef int codec_is_empty;
