"""Cards that are kept, and orders that come again: begun, announced, renewed, paused, ended."""
