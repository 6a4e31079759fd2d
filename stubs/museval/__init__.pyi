"""The part of museval that is used here."""
