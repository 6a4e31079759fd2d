"""Tests of engine.library."""
