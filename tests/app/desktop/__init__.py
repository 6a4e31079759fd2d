"""Tests of `app.desktop`."""
