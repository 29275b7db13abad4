"""The 44 STPs of England beside each other: league table, funnel plots, national sums."""
