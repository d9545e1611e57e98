# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared parts of the lab scripts."""
