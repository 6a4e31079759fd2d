"""One controller per panel: panel <-> document <-> jobs."""
