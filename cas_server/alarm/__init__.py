"""The product: a press and what becomes of it."""
