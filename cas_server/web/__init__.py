"""What every route shares: problem documents, the edge, health, the pages."""
