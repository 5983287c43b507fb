"""What came in: contracts, checking, loading, batches, and the only door to a database."""
