"""Benchmarks (`make bench`): every speed beside its bare limit in the same run."""
