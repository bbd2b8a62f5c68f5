"""The shop's part of the REST API, by subject."""
