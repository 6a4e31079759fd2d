"""Listening: what is compared, equally loud; blind tests and what they show; signed reports."""
