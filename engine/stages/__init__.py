"""One file per stage of a restore."""
