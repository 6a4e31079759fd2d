"""Mirrors app, widgets and engine; e2e/ drives the whole program."""
