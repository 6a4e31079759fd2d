"""Tests of engine.stages."""
