"""What the numbers mean: definitions, SQL made from them, values with states, findings."""
