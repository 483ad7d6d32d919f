"""Who is called, and who is called next."""
