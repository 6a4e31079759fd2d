"""Recipes that train the starter networks."""
