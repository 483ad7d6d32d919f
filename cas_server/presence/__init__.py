"""Who is on duty, and where they are now."""
