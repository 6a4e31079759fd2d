"""Benchmarks and tables: how good, how fast, how much memory."""
