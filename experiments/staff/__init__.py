"""The workforce simulated person by person: who leaves, who comes, and what that leaves of a team."""
