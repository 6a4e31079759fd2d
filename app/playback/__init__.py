"""Sound and picture on one clock: mixer, transport, video frames."""
