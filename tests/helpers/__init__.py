"""Stubs and signals shared by tests."""
