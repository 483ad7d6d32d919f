"""Small pure pieces that know nothing of the domain."""
