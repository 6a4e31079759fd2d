"""Qt widgets: plain values in, wishes out; they know neither engine nor torch."""
