"""Risk: what is not known for sure, what it does to the gap in posts and pounds, and what is worth asking first."""
