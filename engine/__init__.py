"""Media, signal processing, networks and stages. Knows no Qt."""
