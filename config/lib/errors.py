"""The errors that every part of Kaiu understands."""


class DomainError(Exception):
    """An operation was refused for a reason that may be shown to the person who asked."""

    code = "refused"


class ProviderUnavailable(Exception):
    """An outside service could not answer now: try again."""


class ProviderRefused(Exception):
    """An outside service said no: trying again will not help."""


class BadSignature(Exception):
    """A message does not come from whom it claims."""
