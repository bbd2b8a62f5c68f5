"""What every door for outside notices does: bounded, checked, kept, answered in milliseconds."""

import logging
from collections.abc import Callable

from celery import Task, current_app
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from .. import metrics
from ..bell import Bell
from ..errors import BadSignature
from .errors import TooLarge

logger = logging.getLogger(__name__)

_LARGEST_NOTICE = 256 * 1024


class Door(APIView):
    """The door of one account: no session, no CSRF, only a signature opens it.

    It counts nobody's requests, so that no real notice is lost; a false one costs one query.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()

    def take(
        self,
        request,
        sender: str,
        *,
        find: Callable[[], object | None],
        receive: Callable[..., None],
    ) -> HttpResponse:
        """Let `receive` check and keep a notice for the account that `find` gives."""
        # The server hands over no more bytes than the request announced.
        if int(request.META.get("CONTENT_LENGTH") or 0) > _LARGEST_NOTICE:
            raise TooLarge
        account = find()
        if account is None:
            raise Http404
        try:
            receive(account, request.headers, request.body, now=timezone.now())
        except BadSignature:
            metrics.count("kaiu_webhooks", sender=sender, outcome="refused")
            # Whatever it says is a stranger's word: none of it reaches the log.
            logger.warning("A notice was refused")
            message = _("The signature does not fit.")
            raise PermissionDenied(message, code="bad_signature") from None
        metrics.count("kaiu_webhooks", sender=sender, outcome="kept")
        return HttpResponse("{}", content_type="application/json")


class Alarm:
    """Has kept notices worked off now, by the task that sweeps them."""

    def __init__(self, sweep: Task):
        self._sweep = sweep
        self._bell = Bell(self._announce, seconds=0.2)

    def wake(self) -> None:
        """Queue the task, or call it where tasks are eager."""
        if current_app.conf.task_always_eager:
            self._announce()
        else:
            # Queueing a task costs as much as the rest of a webhook: many notices share one, and no
            # sender waits for a broker that is slow or down.
            self._bell.ring()

    def _announce(self) -> None:
        try:
            # One that nobody took is overtaken by the periodic ones.
            self._sweep.apply_async(expires=30, retry=False)
        except OperationalError:
            logger.exception("Kept notices could not be announced")
