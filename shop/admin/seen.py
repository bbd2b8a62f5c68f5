"""Two people at one row: a form remembers what it showed, and tells when that is no longer true.

Every field of a row that exists also sends what it showed (Django's hidden initial value). What
stands in the database now is compared with that, while the row is locked (RowAdmin.lock): whoever
comes second reads both values beside the field, and nothing is written until they say so.
"""

from django import forms
from django.utils.formats import localize
from django.utils.translation import gettext as _

from ..models import AuditEntry

_LONGEST_VALUE = 120


class SeenForm(forms.ModelForm):
    """A form of a row that refuses to write over what its person has not seen."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            for field in self.fields.values():
                # A file is never sent back.
                field.show_hidden_initial = not isinstance(field, forms.FileField)

    def clean(self):
        cleaned = super().clean()
        # Of a new row Django remembers what its default was; nobody else has it.
        moved = {} if self.instance._state.adding else self._moved()
        # Before anything is written into what was sent.
        touched = set(self.changed_data)
        if moved:
            # The form that comes back shows what is true now, and is measured against that.
            self.data = self.data.copy()
            who = self._last_editor()
        for name, (seen, now) in moved.items():
            self._tell(name, seen=seen, now=now, who=who, is_touched=name in touched)
        return cleaned

    def _moved(self) -> dict[str, tuple]:
        """Give the fields that somebody changed since they were shown: what was seen, what is."""
        moved = {}
        for name, field in self.fields.items():
            if not field.show_hidden_initial or field.disabled:
                continue
            widget, sent_as = field.hidden_widget(), self.add_initial_prefix(name)
            is_list = isinstance(widget, forms.MultipleHiddenInput)
            if widget.value_omitted_from_data(self.data, self.files, sent_as) and not is_list:
                continue
            if is_list and not self._sent_anything():
                continue
            seen = widget.value_from_datadict(self.data, self.files, sent_as)
            now = self.get_initial_for_field(field, name)
            # Fields of their own kind write nothing in more than one way: None, "" and [].
            is_nothing = not seen and field.prepare_value(now) in (None, "", [])
            if not is_nothing and field.has_changed(_even(now), _even(seen)):
                moved[name] = (seen, now)
        return moved

    def _sent_anything(self) -> bool:
        start = self.add_initial_prefix("")
        return any(key.startswith(start) for key in self.data)

    def _tell(self, name: str, *, seen, now, who: str, is_touched: bool) -> None:
        field = self.fields[name]
        typed = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        _put(self.data, field.hidden_widget(), self.add_initial_prefix(name), field, now)
        if not field.has_changed(_even(now), _even(typed)):
            # Both want the same.
            return
        words = {"who": who, "now": _in_words(field, now), "seen": _in_words(field, seen)}
        if is_touched:
            told = _(
                "While you were editing, %(who)s changed this from “%(seen)s” to “%(now)s”. "
                "Save again to write what you typed."
            )
        else:
            _put(self.data, field.widget, self.add_prefix(name), field, now)
            told = _(
                "While you were editing, %(who)s changed this from “%(seen)s” to “%(now)s”. "
                "Save again to leave it so."
            )
        self.add_error(name, forms.ValidationError(told % words, code="moved"))

    def _last_editor(self) -> str:
        rows = AuditEntry.objects.filter(
            model=self.instance._meta.model_name, row_id=str(self.instance.pk)
        )
        entry = rows.only("actor_label").first()
        return entry.actor_label if entry and entry.actor_label else _("somebody else")


def _even(value):
    """Browsers send line ends as two characters, and forms drop the space around a text."""
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def _put(data, widget, name: str, field, value) -> None:
    """Write a value into what a form received, as its widget would have sent it."""
    value = field.prepare_value(value)
    if isinstance(widget, forms.MultiWidget):
        parts = widget.decompress(value)
        for part, suffix, shown in zip(widget.widgets, widget.widgets_names, parts, strict=True):
            data[name + suffix] = part.format_value(shown) or ""
    elif isinstance(widget, forms.SelectMultiple | forms.MultipleHiddenInput):
        data.setlist(name, [str(one) for one in value or ()])
    elif isinstance(widget, forms.CheckboxInput):
        data.setlist(name, ["on"] if value else [])
    else:
        data[name] = "" if value is None else widget.format_value(value)


def _in_words(field, value) -> str:
    if isinstance(field, forms.BooleanField):
        return _("Yes") if field.to_python(value) else _("No")
    if isinstance(field, forms.ModelMultipleChoiceField):
        return _several(field.queryset.filter(pk__in=field.prepare_value(value) or ()))
    if isinstance(field, forms.ModelChoiceField):
        row = field.queryset.filter(pk=field.prepare_value(value)).first() if value else None
        return str(row) if row else "—"
    if isinstance(field, forms.ChoiceField):
        return str(dict(_flat(field.choices)).get(str(value), value)) or "—"
    value = field.prepare_value(value)
    text = _several(value) if isinstance(value, list | tuple) else localize(value or "")
    return f"{text[:_LONGEST_VALUE]}…" if len(text) > _LONGEST_VALUE else text or "—"


def _several(values) -> str:
    return ", ".join(str(value) for value in values if value) or "—"


def _flat(choices):
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield str(value), label
