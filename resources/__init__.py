"""Data only: icons, themes, model cards, starter weights, a sample clip."""
