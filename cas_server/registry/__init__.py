"""The people and places that change rarely."""
