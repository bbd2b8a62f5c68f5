"""The environment, read strictly: whatever is missing, malformed or mixed stops the start."""

import sys
from collections.abc import Iterable

import environ
from django.core.exceptions import ImproperlyConfigured


class Environment(environ.Env):
    """django-environ that keeps every problem, so that one start names them all."""

    BOOLEAN_FALSE_STRINGS = ("false", "off", "no", "n", "0", "")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.problems: list[str] = []

    def refuse(self, problem: str) -> None:
        """Remember one more reason not to start."""
        self.problems.append(problem)

    def stop_if_refused(self) -> None:
        """End the start with one line for each problem."""
        if self.problems:
            lines = [f"Kaiu: {problem} See .env.example." for problem in self.problems]
            sys.exit("\n".join(dict.fromkeys(lines)))

    def get_value(self, var, cast=None, default=environ.Env.NOTSET, parse_default=False):
        try:
            if cast is bool and var in self.ENVIRON:
                known = (*self.BOOLEAN_TRUE_STRINGS, *self.BOOLEAN_FALSE_STRINGS)
                if self.ENVIRON[var].strip().lower() not in known:
                    raise ValueError("it is neither true nor false.")
            return super().get_value(var, cast=cast, default=default, parse_default=parse_default)
        except (ValueError, ImproperlyConfigured) as error:
            self.refuse(f"{var} cannot be used: {error}".rstrip(".") + ".")
            return "" if default is environ.Env.NOTSET else default

    def address(self, name: str, *, schemes: Iterable[str]) -> str:
        """Give the address under this name, or nothing when it is unset."""
        value = self(name, default="")
        if value and not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            self.refuse(f"{name} must begin with {' or '.join(f'{one}://' for one in schemes)}.")
        return value

    def one_of(self, name: str, known: tuple[str, ...], *, default: str) -> str:
        """Give a value that must be one of those known."""
        value = self(name, default=default)
        if value not in known:
            self.refuse(f"{name} must be one of {', '.join(known)}.")
            return default
        return value
