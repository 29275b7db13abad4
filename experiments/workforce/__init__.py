"""Posts and staff: the national plan shared out, and the waterfall from establishment to gap."""
