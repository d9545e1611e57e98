"""Shared parts of the lab scripts."""
