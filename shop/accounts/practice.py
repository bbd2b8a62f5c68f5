"""The mails of a practice shop, readable in the browser of the machine it runs on."""

from ipaddress import ip_address

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from config.lib import mail, visitor


@never_cache
@require_GET
def mail_list(request):
    _require_practice(request)
    context = {"mails": mail.written(str(request.organization.pk))}
    return render(request, "account/practice_mails.html", context)


@never_cache
@require_GET
def mail_detail(request, name):
    _require_practice(request)
    message = mail.written_one(str(request.organization.pk), name)
    if message is None:
        raise Http404
    text = message.get_body(("plain",))
    context = {"message": message, "text": text.get_content() if text else ""}
    return render(request, "account/practice_mail.html", context)


def _require_practice(request) -> None:
    """Answer only where no mail leaves, in test mode, and to this machine.

    Who can read the mail of a shop can sign in as anybody in it.
    """
    writes_files = settings.MAIL_DELIVERY_BACKEND == "config.lib.mail.FileBackend"
    if not writes_files or request.organization.is_live:
        raise Http404
    if settings.PRACTICE_MAIL_FOR_ALL:
        return
    address = visitor.address(request)
    is_here = address is not None and ip_address(address).is_loopback
    if not is_here or not visitor.came_directly(request):
        raise Http404
