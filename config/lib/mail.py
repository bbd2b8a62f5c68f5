"""E-mail that a request only queues: a worker delivers it, or writes it to files."""

import logging
import re
import secrets
import time
from base64 import b64decode, b64encode
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMessage
from pathlib import Path
from smtplib import SMTPException, SMTPRecipientsRefused

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from celery import shared_task
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)

# Whose mail it is: the files of one organization lie together.
FOLDER_HEADER = "X-Kaiu-Folder"
_FOLDER = re.compile(r"[0-9a-f-]{1,64}")
_MOST_FILES = 200
_BETWEEN = re.compile(r"[\s,;]+")
_MOST_ADDRESSES = 10


class QueuedBackend(BaseEmailBackend):
    """Hands every message to a worker, so that sending costs the same whoever it is for."""

    def send_messages(self, email_messages) -> int:
        for message in email_messages:
            deliver.delay_on_commit(message=packed(message))
        return len(email_messages)


class FileBackend(BaseEmailBackend):
    """Writes every message to a file, for a machine without a mail service."""

    def send_messages(self, email_messages) -> int:
        for message in email_messages:
            folder = _folder(message.extra_headers.get(FOLDER_HEADER, ""))
            folder.mkdir(parents=True, exist_ok=True)
            name = f"{time.time_ns()}-{secrets.token_hex(4)}"
            unfinished = folder / f".{name}"
            unfinished.write_bytes(message.message().as_bytes())
            # A reader sees the whole file or none.
            unfinished.rename(folder / f"{name}.eml")
            for old in sorted(folder.glob("*.eml"))[:-_MOST_FILES]:
                old.unlink(missing_ok=True)
        return len(email_messages)


def written(folder: str, *, limit: int = 50) -> list[tuple[str, ParsedMessage]]:
    """Give the newest messages that FileBackend wrote to a folder, each with its name."""
    files = sorted(_folder(folder).glob("*.eml"), reverse=True)[:limit]
    return [(file.stem, _parsed(file)) for file in files]


def written_one(folder: str, name: str) -> ParsedMessage | None:
    """Give one message that FileBackend wrote, or None."""
    file = _folder(folder) / f"{name}.eml"
    known = re.fullmatch(r"\d+-[0-9a-f]+", name) and file.is_file()
    return _parsed(file) if known else None


def _folder(name: str) -> Path:
    return Path(settings.MAIL_DIRECTORY) / (name if _FOLDER.fullmatch(name) else "other")


def _parsed(file: Path) -> ParsedMessage:
    return message_from_bytes(file.read_bytes(), policy=policy.default)


# Trying later may help; trying again will not.
def addresses_in(text: str) -> list[str]:
    """Give the addresses that are written in a text, one a line or between commas."""
    return list(dict.fromkeys(part.lower() for part in _BETWEEN.split(text) if part))


def validate_addresses(text: str) -> None:
    """Refuse a text that holds anything but some addresses."""
    found = addresses_in(text)
    for address in found:
        try:
            validate_email(address)
        except ValidationError as error:
            raise ValidationError(
                _("“%(typed)s” is no e-mail address."), code="email", params={"typed": address[:80]}
            ) from error
    if len(found) > _MOST_ADDRESSES:
        raise ValidationError(
            _("Write %(most)d addresses at most."), code="many", params={"most": _MOST_ADDRESSES}
        )


UNREACHABLE = (OSError, SMTPException, AnymailAPIError)
REFUSED = (SMTPRecipientsRefused, AnymailRecipientsRefused)


def send_now(message: EmailMultiAlternatives) -> None:
    """Send one message by the installation's mail service; raises UNREACHABLE or REFUSED."""
    get_connection(settings.MAIL_DELIVERY_BACKEND).send_messages([message])


@shared_task(
    autoretry_for=UNREACHABLE,
    dont_autoretry_for=REFUSED,
    retry_backoff=15,
    retry_backoff_max=1800,
    max_retries=10,
    acks_late=True,
)
def deliver(*, message: dict) -> None:
    """Send one message by the installation's mail service."""
    try:
        send_now(unpacked(message))
    except REFUSED:
        # The address is nobody's business in the log.
        logger.warning("A mail was refused: its recipient does not exist")


def packed(message) -> dict:
    """Write a message as values that the queue can carry."""
    return {
        "subject": str(message.subject),
        "body": message.body,
        "from_email": message.from_email,
        "to": list(message.to),
        "cc": list(message.cc),
        "bcc": list(message.bcc),
        "reply_to": list(message.reply_to),
        "headers": {name: str(value) for name, value in message.extra_headers.items()},
        "alternatives": [list(part) for part in getattr(message, "alternatives", [])],
        "attachments": [_packed_attachment(part) for part in message.attachments],
    }


def _packed_attachment(part) -> list:
    name, content, mimetype = part
    data = content.encode() if isinstance(content, str) else content
    return [name, b64encode(data).decode(), mimetype or "application/octet-stream"]


def unpacked(values: dict) -> EmailMultiAlternatives:
    """Give the message that was packed."""
    values = dict(values)
    attachments = [
        (name, b64decode(data), mimetype) for name, data, mimetype in values.pop("attachments")
    ]
    alternatives = [tuple(part) for part in values.pop("alternatives")]
    return EmailMultiAlternatives(**values, alternatives=alternatives, attachments=attachments)
