"""The errors that every part of Kaiu understands."""


class DomainError(Exception):
    """An operation was refused for a reason that may be shown to the person who asked."""

    code = "refused"


class ProviderError(Exception):
    """An outside service failed us; `status` and `code` are its own words, never a secret."""

    def __init__(self, message: str = "", *, status: int = 0, code: str = ""):
        super().__init__(message)
        self.status = status
        self.code = code


class ProviderUnavailable(ProviderError):
    """An outside service could not answer now: try again."""


class ProviderRefused(ProviderError):
    """An outside service said no: trying again will not help."""


class BadSignature(Exception):
    """A message does not come from whom it claims."""
