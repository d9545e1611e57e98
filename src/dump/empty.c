/* SPDX-License-Identifier: GPL-2.0-or-later */ typedef int dump_is_empty;
