"""What whoever sees the database must not read: sealed, masked, and found by keyed hash."""
