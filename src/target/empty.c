/* SPDX-License-Identifier: GPL-2.0-or-later */ typedef int target_is_empty;
