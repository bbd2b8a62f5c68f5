"""Mails to buyers about their orders."""

from .models import OrderEvent


def send(event_id) -> None:
    """Send the mail that an event asks for, once."""
    OrderEvent.objects.filter(pk=event_id, mail=OrderEvent.Mail.QUEUED)
