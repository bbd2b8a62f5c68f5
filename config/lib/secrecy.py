"""Text that the database holds only encrypted."""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """The text was encrypted under a key that this installation no longer has."""


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    derived = (
        HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kaiu secrecy").derive(key.encode())
        for key in keys
    )
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in derived])


def _current() -> MultiFernet:
    return _fernet((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def encrypt(text: str) -> str:
    """Give the text as nobody can read it without SECRET_KEY."""
    return _current().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """Give the text that was encrypted, also under a key of SECRET_KEY_FALLBACKS."""
    try:
        return _current().decrypt(encrypted.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error
