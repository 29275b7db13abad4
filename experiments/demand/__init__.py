"""What the demand of a year asks for: posts, people and contacts, factor by factor, beside what a plan shares out."""
