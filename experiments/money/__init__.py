"""What posts, days and journeys cost, what a run costs and who pays, and what of a saving is cash."""
