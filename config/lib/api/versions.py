"""ETags: a client learns whether what it knows is still so, and never overwrites blindly.

A tag has two parts: one of what people typed in the row, one of everything the answer shows.
`If-None-Match` compares both; `If-Match` only the first, so that a sale between reading and writing
does not refuse a new description.
"""

import hashlib
import json
import re

from rest_framework.utils.encoders import JSONEncoder

from .errors import ChangedMeanwhile

_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def tag(typed: dict, shown: dict) -> str:
    """Give the ETag of a row from what people typed in it and what the answer shows of it."""
    return f'W/"{_digest(typed)}-{_digest(shown)}"'


def is_known(request, current: str) -> bool:
    """Say whether the client already has this answer."""
    known = request.headers.get("If-None-Match", "")
    return known.strip() == "*" or _TAG.findall(current)[0] in _TAG.findall(known)


def require_match(request, typed: dict) -> None:
    """Refuse to write when the client saw another version; the caller holds the row's lock."""
    expected = request.headers.get("If-Match", "").strip()
    if not expected or expected == "*":
        return
    versions = {known.partition("-")[0] for known in _TAG.findall(expected)}
    if _digest(typed) not in versions:
        raise ChangedMeanwhile


def _digest(values: dict) -> str:
    written = json.dumps(values, cls=JSONEncoder, sort_keys=True).encode()
    return hashlib.blake2b(written, digest_size=10).hexdigest()
