"""Accounts, credentials, and who may do what."""
