"""Hours of duty in seconds: the real services and database, a simulated clock and network."""
