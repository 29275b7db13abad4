"""People, teams, staff, and the day: the population of an area as a Mesa model."""
