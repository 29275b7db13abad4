"""Where work runs: a pool of workers that knows nothing of patients."""
