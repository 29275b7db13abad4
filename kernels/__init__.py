"""The compiled loops: they know arrays and nothing else."""
