"""How fast the engine is, beside others and beside what the machine could do: `make bench` writes the table."""
