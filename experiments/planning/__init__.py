"""How big teams must be: targets, offered load, the search for the least plan, and what it is compared with."""
