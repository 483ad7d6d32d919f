"""Work to do after commit."""
