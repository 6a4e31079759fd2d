"""Tests of engine.media."""
