"""The part of tensorboard that is used here."""
