"""A simulated regency: a client of the public API and nothing more."""
