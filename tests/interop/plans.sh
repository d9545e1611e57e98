# SPDX-License-Identifier: GPL-2.0-or-later
# A plan is the same for any number of threads, also when it is not remembered, and keeps what a
# walk from the start says.
set -eu
exec vmcull_plans "$VMCORE"
