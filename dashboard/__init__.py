"""What people see: pages, charts and words, drawn from findings and nothing else."""
