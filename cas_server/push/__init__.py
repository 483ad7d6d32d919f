"""Waking phones."""
