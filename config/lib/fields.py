"""Model fields for text that people type and for keys."""

import json
import re

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from config.lib import secrecy

# Control characters, and the marks that silently turn the direction of the text around them.
_HIDDEN = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_HIDDEN_IN_LINE = re.compile(f"[{_HIDDEN}\t\n\r\u2028\u2029]")
_HIDDEN_IN_PARAGRAPH = re.compile(f"[{_HIDDEN}]")


def validate_line(value: str) -> None:
    """Refuse control characters, also tabs and line ends."""
    if _HIDDEN_IN_LINE.search(value):
        raise ValidationError(
            _("Remove the line breaks or invisible characters from this text."), code="hidden"
        )


def validate_paragraph(value: str) -> None:
    """Refuse control characters other than tabs and line ends."""
    if _HIDDEN_IN_PARAGRAPH.search(value):
        raise ValidationError(_("Remove the invisible characters from this text."), code="hidden")


class LineField(models.CharField):
    """One line of text in any script; control characters are refused beside the field."""

    default_validators = [validate_line]

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, "config.lib.fields.LineField", args, kwargs


class ParagraphField(models.TextField):
    """Text with line breaks; other control characters are refused beside the field."""

    default_validators = [validate_paragraph]

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 20_000)
        super().__init__(*args, **kwargs)
        # Django limits a text field in its form only; the API and operations need it as well.
        self._validators = [*self._validators, MaxLengthValidator(self.max_length)]

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("validators", None)
        return name, "config.lib.fields.ParagraphField", args, kwargs


def validate_target(value: str) -> None:
    """Refuse an address that leads neither into the shop nor to a page, a mailbox or a phone."""
    is_path = value.startswith("/") and not value.startswith(("//", "/\\"))
    is_outside = value.lower().startswith(("https://", "http://", "mailto:", "tel:"))
    if not (is_path or is_outside) or re.search(r"[\s\"'<>\\\x00-\x1f]", value):
        raise ValidationError(
            _("Write an address such as /productos/ or https://example.com."), code="target"
        )


class TargetField(models.CharField):
    """Where a link leads: a path of the shop, or a whole address."""

    default_validators = [validate_target]

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 300)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, "config.lib.fields.TargetField", args, kwargs


class KeyField(models.UUIDField):
    """A primary key that grows with time (UUIDv7), so that new rows lie together."""

    def __init__(self, *args, **kwargs):
        kwargs.update(primary_key=True, default=uuid7, editable=False)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        for option in ("primary_key", "default", "editable"):
            kwargs.pop(option, None)
        return name, "config.lib.fields.KeyField", args, kwargs


class SecretsField(models.TextField):
    """A dictionary of credentials that the database holds only encrypted (see secrecy.py)."""

    def __init__(self, *args, **kwargs):
        kwargs.update(default=dict, blank=True, editable=False)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        for option in ("default", "blank", "editable"):
            kwargs.pop(option, None)
        return name, "config.lib.fields.SecretsField", args, kwargs

    def from_db_value(self, value, expression, connection):
        return json.loads(secrecy.decrypt(value)) if value else {}

    def get_prep_value(self, value):
        return secrecy.encrypt(json.dumps(value, sort_keys=True)) if value else ""

    def to_python(self, value):
        return value
