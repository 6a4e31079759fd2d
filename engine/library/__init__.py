"""The user's music: which files there are, and how a stretch of any of them is recognised."""
