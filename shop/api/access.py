"""What the membership of whoever asks lets them do, while the request lasts."""

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, PermissionDenied

from config.lib.api.views import ApiView

from .. import audit, organizations, roles
from ..accounts import second_factor
from .identification import SECOND_FACTOR_CLAIM, RolePermission


class ActingView(ApiView):
    """A view in which the membership of whoever asks answers for them, until the answer is made."""

    permission_classes = (RolePermission,)
    model = None
    is_public = False
    permissions = {}
    _VERBS = {"GET": "view", "HEAD": "view", "POST": "add", "DELETE": "delete"}

    def perform_authentication(self, request):
        super().perform_authentication(request)
        membership = None
        if request.user.is_authenticated:
            membership = organizations.membership_at(request.organization, request.user)
            self.require_second_factor(request, membership)
        # Ends with the request (see ApiView.dispatch), also when the view fails.
        self.during.enter_context(roles.acting_as(membership))
        self.during.enter_context(audit.coming_from("api"))

    def require_second_factor(self, request, membership):
        """Refuse a token given without the code that this person's role needs here."""
        # A session was already looked at (see SecondFactorMiddleware).
        if request.auth is None or request.auth.get(SECOND_FACTOR_CLAIM):
            return
        if second_factor.is_required(request.user, membership, request.organization):
            message = _("Set up a second step, and send its code when you ask for a token.")
            raise PermissionDenied(message, code="second_factor_required")

    @property
    def permission(self) -> str:
        """Name the permission that this request needs."""
        action = getattr(self, "action", None)
        verb = self._VERBS.get(self.request.method, "change")
        return self.permissions.get(action) or f"shop.{verb}_{self.model._meta.model_name}"

    def permission_denied(self, request, message=None, code=None):
        # A row that somebody may not even see does not exist for them.
        if request.user.is_authenticated and self.kwargs and not self.may_see():
            raise NotFound
        super().permission_denied(request, message, code)

    def may_see(self) -> bool:
        """Say whether this person may see rows of this kind at all."""
        return self.is_public or self.sees_everything

    @property
    def sees_everything(self) -> bool:
        """Whether the person sees what is not for shoppers, by the table of roles."""
        user = self.request.user
        return user.is_authenticated and user.has_perm(f"shop.view_{self.model._meta.model_name}")
