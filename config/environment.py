"""The environment, read strictly: a value that is missing or malformed stops the start."""

import sys
from collections.abc import Iterable

import environ
from django.core.exceptions import ImproperlyConfigured


def stop(problem: str) -> None:
    """End the start with one line that says what to change."""
    sys.exit(f"Kaiu: {problem} See .env.example.")


class Environment(environ.Env):
    """django-environ, with one line in place of a traceback."""

    BOOLEAN_FALSE_STRINGS = ("false", "off", "no", "n", "0", "")

    def get_value(self, var, cast=None, default=environ.Env.NOTSET, parse_default=False):
        try:
            if cast is bool and var in self.ENVIRON:
                known = (*self.BOOLEAN_TRUE_STRINGS, *self.BOOLEAN_FALSE_STRINGS)
                if self.ENVIRON[var].strip().lower() not in known:
                    raise ValueError("it is neither true nor false.")
            return super().get_value(var, cast=cast, default=default, parse_default=parse_default)
        except (ValueError, ImproperlyConfigured) as error:
            stop(f"{var} cannot be used: {error}".rstrip(".") + ".")

    def address(self, name: str, *, schemes: Iterable[str]) -> str:
        """Give the address under this name, or nothing when it is unset."""
        value = self(name, default="")
        if value and not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            stop(f"{name} must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
        return value

    def one_of(self, name: str, known: tuple[str, ...], *, default: str) -> str:
        """Give a value that must be one of those known."""
        value = self(name, default=default)
        if value not in known:
            stop(f"{name} must be one of {', '.join(known)}.")
        return value
