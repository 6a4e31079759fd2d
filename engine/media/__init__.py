"""Probe, decode, peaks, mux: files in and out, with PyAV. No torch."""
