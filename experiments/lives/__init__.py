"""One person's life in a run: rebuilt from its seed, told in words, as a table and as a picture."""
