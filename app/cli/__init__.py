"""The command line: one file per command, on the same engine as the window."""
