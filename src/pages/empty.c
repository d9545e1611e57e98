/* SPDX-License-Identifier: GPL-2.0-or-later */ typedef int pages_is_empty;
