"""Append-only history: audit trail and live feed."""
