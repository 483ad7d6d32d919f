"""What every route shares: problem documents, paging, health."""
