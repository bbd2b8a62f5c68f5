"""People signing in, and what belongs to their account."""
