"""What was measured rather than claimed: `python -m benchmarks` prints the tables."""
