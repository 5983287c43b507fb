"""The fictional city: a seeded generator of records, and the stories planted in it."""
