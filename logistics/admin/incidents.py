"""What keeps parcels from arriving: the most urgent first, with the answers that help."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from config.lib.errors import DomainError
from config.lib.fields import validate_line, validate_paragraph
from shop import postal
from shop.admin.base import ReadOnlyAdmin
from shop.admin.moments import short_moment
from shop.admin.site import site

from .. import addresses, incidents
from ..carriers.base import PossibleReply, Reply
from ..models import Incident

_State = Incident.State
_TONES = {
    _State.OPEN: "warning",
    _State.SENDING: "info",
    _State.ANSWERED: "success",
    _State.FAILED: "danger",
    _State.CLOSED: "success",
}
_TO_DO = (_State.OPEN, _State.FAILED)


class WorkFilter(admin.SimpleListFilter):
    title = _("work")
    parameter_name = "work"

    def lookups(self, request, model_admin):
        return [("open", _("To be answered"))]

    def queryset(self, request, queryset):
        return queryset.filter(state__in=_TO_DO) if self.value() == "open" else queryset


class ReplyForm(forms.Form):
    """The shop's answer: one that the carrier takes, with what belongs to it."""

    type = forms.ChoiceField(label=_("what the carrier shall do"), widget=forms.RadioSelect)
    delivery_date = forms.DateField(
        label=_("deliver on"), required=False, widget=UnfoldAdminDateWidget
    )
    address = forms.CharField(
        label=_("address"),
        max_length=160,
        required=False,
        validators=[validate_line],
        widget=UnfoldAdminTextInputWidget,
    )
    collection_point_id = forms.CharField(
        label=_("number of the collection point"),
        max_length=60,
        required=False,
        validators=[validate_line],
        widget=UnfoldAdminTextInputWidget,
    )
    notes = forms.CharField(
        label=_("explanation"),
        max_length=500,
        required=False,
        validators=[validate_paragraph],
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )

    def __init__(self, data=None, *, offered: list[PossibleReply]):
        super().__init__(data)
        self.offered = offered
        if not offered:
            # A person calls this carrier; here stands what was agreed.
            self.fields = {"notes": self.fields["notes"]}
            self.fields["notes"].label = _("what you agreed with the carrier")
            return
        self.fields["type"].choices = [(one.type, one.label) for one in offered]
        self.fields["type"].widget = UnfoldAdminRadioSelectWidget(
            choices=self.fields["type"].choices
        )
        asked = {name for one in offered for name in one.fields} | {"notes"}
        for name in ("delivery_date", "address", "collection_point_id"):
            if name not in asked:
                del self.fields[name]
            else:
                wanting = ", ".join(one.label for one in offered if name in one.fields)
                self.fields[name].help_text = gettext("Needed for: %(answers)s.") % {
                    "answers": wanting
                }

    @property
    def reply(self) -> Reply:
        values = self.cleaned_data
        return Reply(
            type=values.get("type", ""),
            notes=values.get("notes", ""),
            delivery_date=values.get("delivery_date"),
            address=values.get("address", ""),
            collection_point_id=values.get("collection_point_id", ""),
        )


@admin.register(Incident, site=site)
class IncidentAdmin(ReadOnlyAdmin):
    list_display = ["what", "shipment_code", "who", "happened", "time_left", "state_label"]
    list_filter = [WorkFilter, "state"]
    list_select_related = ["shipment"]
    search_fields = ["shipment__tracking_number", "shipment__code", "shipment__reference"]
    search_help_text = _("Tracking number, code of the shipment, or order")
    ordering = ["answer_by", "id"]
    list_display_links = ["what"]

    @display(description=_("what happened"))
    def what(self, incident):
        return incident.description

    @display(description=_("shipment"))
    def shipment_code(self, incident):
        return str(incident.shipment)

    @display(description=_("to"))
    def who(self, incident):
        to = addresses.recipient(incident.shipment)
        return " · ".join(part for part in (to.name, to.municipality) if part)

    @display(description=_("happened"))
    def happened(self, incident):
        return short_moment(incident.happened_at)

    @display(description=_("time to answer"))
    def time_left(self, incident):
        return time_left(incident) if incident.state in _TO_DO else "—"

    @display(description=_("state"), label=_TONES)
    def state_label(self, incident):
        return incident.state, incident.get_state_display()

    def lookup_allowed(self, lookup, value, request):
        return lookup in {"work", "state__exact"}

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Show an incident with the answers its carrier takes, or send one."""
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        may_answer = found.state in _TO_DO and request.user.has_perm("logistics.change_incident")
        is_sent = request.method == "POST"
        if is_sent and not may_answer:
            messages.error(request, gettext("This incident needs no answer any more."))
            return HttpResponseRedirect(request.path)
        form = None
        if may_answer:
            form = ReplyForm(request.POST if is_sent else None, offered=incidents.replies_to(found))
        if is_sent and form.is_valid() and self._answered(request, found, form):
            return HttpResponseRedirect(request.path)
        shipment = found.shipment
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Incident of shipment %(code)s") % {"code": shipment.code},
            "opts": self.opts,
            "original": found,
            "found": found,
            "shipment": shipment,
            "to": addresses.recipient(shipment),
            "tone": _TONES[found.state],
            "happened": short_moment(found.happened_at),
            "time_left": time_left(found) if found.state in _TO_DO else "",
            "phone": postal.phone(shipment.recipient.get("phone")),
            "is_late": found.answer_by < timezone.now(),
            "answered": short_moment(found.answered_at) if found.answered_at else "",
            "reply_label": _label_of_reply(found),
            "form": form,
            "events": [
                {"event": event, "at": short_moment(event.at)}
                for event in shipment.events.all()[:20]
            ],
            "media": self.media + (form.media if form else forms.Media()),
        }
        return TemplateResponse(request, "admin/logistics/incident.html", context)

    def _answered(self, request, found, form) -> bool:
        try:
            incidents.answer(found, form.reply, now=timezone.now(), actor=request.user)
        except incidents.ReplyIncomplete as error:
            form.add_error(error.field, str(error))
            return False
        except DomainError as error:
            form.add_error(None, str(error))
            return False
        messages.success(
            request,
            gettext("The answer is on its way to the carrier.")
            if form.offered
            else gettext("It is written down."),
        )
        return True


def time_left(incident: Incident) -> str:
    """Say how much time is left to answer, in words."""
    hours = int((incident.answer_by - timezone.now()).total_seconds() // 3600)
    if hours < 0:
        return gettext("Too late: call the carrier")
    if hours < 1:
        return gettext("Less than an hour")
    return ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}


def _label_of_reply(incident: Incident) -> str:
    kept = incident.reply or {}
    labels = {one.type: one.label for one in incidents.replies_to(incident)}
    return labels.get(kept.get("type"), "")
