/* SPDX-License-Identifier: GPL-2.0-or-later */ typedef int write_is_empty;
