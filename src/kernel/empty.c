/* SPDX-License-Identifier: GPL-2.0-or-later */ typedef int kernel_is_empty;
