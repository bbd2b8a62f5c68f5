"""Text that the database holds only encrypted, under keys that can be changed.

What is encrypted begins with the name of its key, so that a query can say which rows still need
which key. The first of FIELD_ENCRYPTION_KEYS encrypts; all of them read. Text from before there
were such keys has no name and was encrypted under SECRET_KEY.
"""

import re
from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# One encrypted text as it stands in a column, alone or between the quotes of JSON.
ENCRYPTED = re.compile(r'(?<![^"])(?:[0-9a-f]{8}:)?gAAAA[\w=-]+', re.ASCII)


class Unreadable(Exception):
    """The text was encrypted under a key that this installation no longer has."""


def name_of(key: str) -> str:
    """Give the public name of a key, which tells nothing about it."""
    return sha256(b"kaiu key name " + key.encode()).hexdigest()[:8]


def current_name() -> str:
    """Give the name of the key that encrypts."""
    return name_of(settings.FIELD_ENCRYPTION_KEYS[0])


def known_names() -> set[str]:
    """Give the names of all keys that this installation can read."""
    return {name_of(key) for key in settings.FIELD_ENCRYPTION_KEYS}


def encrypt(text: str) -> str:
    """Give the text as nobody can read it without the first key."""
    key = settings.FIELD_ENCRYPTION_KEYS[0]
    return f"{name_of(key)}:{_fernet(key).encrypt(text.encode()).decode()}"


def decrypt(encrypted: str) -> str:
    """Give the text that was encrypted, under whichever of our keys."""
    name, separator, token = encrypted.rpartition(":")
    own = settings.FIELD_ENCRYPTION_KEYS
    keys = [*own, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    for key in [key for key in own if name_of(key) == name] if separator else keys:
        try:
            return _fernet(key).decrypt(token.encode()).decode()
        except InvalidToken:
            continue
    raise Unreadable("FIELD_ENCRYPTION_KEYS lacks the key of this text.")


@lru_cache(maxsize=16)
def _fernet(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kaiu secrecy")
    return Fernet(urlsafe_b64encode(derived.derive(key.encode())))
