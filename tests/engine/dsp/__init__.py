"""Tests of engine.dsp."""
