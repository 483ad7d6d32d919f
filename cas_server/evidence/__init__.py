"""Evidence: the journal under a Merkle tree, signed tree heads, and records for a court."""
