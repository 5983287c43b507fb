"""What the page on data says: what is fresh, late, held back and doubtful, and what was loaded."""
