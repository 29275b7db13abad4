"""The cheapest mix of roles with which the standards of a service hold: a programme, checked by simulation."""
