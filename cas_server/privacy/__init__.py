"""Data law: what people may ask of their data, and what is deleted by itself."""
