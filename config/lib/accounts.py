"""What a shop sets for its account at an outside service: declared once, asked by a form."""

from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Setting:
    """A value that a shop gives for an account, as a form asks for it."""

    name: str
    label: str
    help: str = ""
    # text, paragraph, number, money, percent, yes_no, municipalities
    kind: str = "text"
    is_secret: bool = False
    is_required: bool = False
    default: object = ""


class Account(Protocol):
    """A row with keys, kept encrypted, and with what is no secret."""

    secrets: dict
    settings: dict


class Configured:
    """An adapter whose accounts are described by settings."""

    # What a shop gives to use it, keys and settings together.
    settings: tuple[Setting, ...] = ()

    def value(self, account: Account, name: str) -> object:
        """Give what the shop set under this name, or what holds when it set nothing."""
        setting = next(setting for setting in self.settings if setting.name == name)
        kept = (account.secrets if setting.is_secret else account.settings).get(name)
        return setting.default if kept is None or kept == "" else kept

    def missing(self, account: Account) -> list[str]:
        """Say which settings have to be filled in."""
        return [
            _("Fill in “%(field)s”.") % {"field": setting.label}
            for setting in self.settings
            if setting.is_required and not self.value(account, setting.name)
        ]
