"""The demo's purchases: what is configured, who bought what, and what became of it."""
