"""Faults planted on purpose: the harness shows that it finds them. Never in the product."""
