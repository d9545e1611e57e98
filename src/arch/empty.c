/* SPDX-License-Identifier: GPL-2.0-or-later */ typedef int arch_is_empty;
