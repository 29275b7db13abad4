"""Two scenarios with the same luck: who waits longer, who shorter, who is seen that was not."""
