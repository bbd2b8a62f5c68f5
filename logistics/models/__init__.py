"""Every model of logistics, by subject."""

from .rates import Rate, RateTable

__all__ = ["Rate", "RateTable"]
