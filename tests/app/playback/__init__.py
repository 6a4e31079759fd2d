"""Tests of app.playback."""
