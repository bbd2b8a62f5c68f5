"""Signed links that show what is not public yet to whoever was given one."""

from datetime import timedelta
from uuid import UUID

from django.core import signing

from .models import Organization

LIFE = timedelta(days=7)
POST, FRONT = "post", "front"


def _signer(organization: Organization, kind: str) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"kaiu.preview.{kind}:{organization.pk}")


def token(organization: Organization, kind: str, key: UUID) -> str:
    """Give the signed name of something to look at before it is published, for a week."""
    return _signer(organization, kind).sign(key.hex).replace(":", ".")


def read(organization: Organization, kind: str, written: str) -> UUID | None:
    """Give the key that a token names here, while it is fresh; else None."""
    try:
        signed = written.replace(".", ":")
        return UUID(_signer(organization, kind).unsign(signed, max_age=LIFE))
    except (signing.BadSignature, ValueError):
        return None
