"""Mails of a shop: a subject, a text and a page, with the shop's name and colours."""

from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from config.lib.mail import FOLDER_HEADER

from .models import Organization


def compose(
    organization: Organization, name: str, *, to: str, context: dict
) -> EmailMultiAlternatives:
    """Give the mail of this name (three files in templates/emails/), ready to send."""
    values = {**context, "organization": organization}
    subject = render_to_string(f"emails/{name}_subject.txt", values)
    message = EmailMultiAlternatives(
        # One line, whatever the shop or the person is called.
        subject=" ".join(subject.split()),
        body=render_to_string(f"emails/{name}.txt", values).strip() + "\n",
        from_email=_sender(organization),
        to=[to],
        reply_to=[answers] if (answers := organization.reply_to or organization.email) else [],
        headers={FOLDER_HEADER: str(organization.pk)},
    )
    message.attach_alternative(render_to_string(f"emails/{name}.html", values), "text/html")
    return message


def _sender(organization: Organization) -> str:
    """The shop's name in front of an address from which the installation may send."""
    _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    if may_send_from(organization.mail_address):
        address = organization.mail_address
    return formataddr((organization.mail_name or organization.name, address))


def may_send_from(address: str) -> bool:
    """Say whether the installation may send in the name of this address."""
    return address.rpartition("@")[2].lower() in settings.MAIL_SENDER_DOMAINS
