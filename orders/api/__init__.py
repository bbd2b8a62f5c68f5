"""The REST API of buying: for a merchant's own front end, and for the shop's staff."""
