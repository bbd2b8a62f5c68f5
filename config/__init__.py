"""The wiring of Kaiu."""
