"""Bodies are read strictly: what nobody reads is named, and the model's own rules are asked."""

import copy
from collections.abc import Mapping

from django.core.exceptions import ValidationError as ModelError
from django.db import IntegrityError, models
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

_MOST_NAMED = 20


class StrictSerializer(serializers.Serializer):
    """Refuses fields that it does not know or that cannot be written."""

    def to_internal_value(self, data):
        if isinstance(data, Mapping):
            problems = {}
            for name in list(data)[: len(self.fields) + _MOST_NAMED]:
                field = self.fields.get(name)
                if field is None:
                    message = _("There is no such field here.")
                    problems[name[:60]] = [ErrorDetail(message, code="unknown")]
                elif field.read_only:
                    message = _("This field cannot be written.")
                    problems[name] = [ErrorDetail(message, code="read_only")]
            if problems:
                raise serializers.ValidationError(problems)
        return super().to_internal_value(data)


class RowSerializer(StrictSerializer, serializers.ModelSerializer):
    """A row with the constraints of its model, each told beside its field.

    `Meta.constraint_fields` names the field beside which a constraint's sentence is shown.
    """

    def get_validators(self):
        # The model's constraints say the same, in our words and with the organization.
        return []

    def validate(self, attributes):
        candidate = self.candidate(attributes)
        problems = {}
        for constraint in self.Meta.model._meta.constraints:
            try:
                constraint.validate(self.Meta.model, candidate)
            except ModelError as error:
                field = self.Meta.constraint_fields[constraint.name]
                problems[field] = [ErrorDetail(error.messages[0], code=_code(constraint))]
        if problems:
            raise serializers.ValidationError(problems)
        return attributes

    def candidate(self, attributes) -> models.Model:
        """Give the row as it would be, without saving it."""
        model = self.Meta.model
        linked = {field.name for field in model._meta.many_to_many}
        candidate = copy.copy(self.instance) if self.instance else model(**self.owner())
        for name, value in attributes.items():
            if name not in linked:
                setattr(candidate, name, value)
        return candidate

    def owner(self) -> dict:
        """Give what a new row has and no body may say: the organization, where it stands here."""
        return {"organization": self.context["request"].organization}

    def create(self, attributes):
        return self._guarded(lambda: super(RowSerializer, self).create(attributes | self.owner()))

    def update(self, row, attributes):
        linked = {field.name for field in row._meta.many_to_many}
        automatic = {f.name for f in row._meta.concrete_fields if getattr(f, "auto_now", False)}
        for name in attributes.keys() - linked:
            setattr(row, name, attributes[name])
        # Only what was sent: the rest of the row may belong to an operation.
        self._guarded(lambda: row.save(update_fields=(attributes.keys() - linked) | automatic))
        for name in attributes.keys() & linked:
            getattr(row, name).set(attributes[name])
        return row

    def _guarded(self, write):
        """Tell a clash that another request caused a moment ago like one found by validate()."""
        try:
            return write()
        except IntegrityError as error:
            name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
            if name not in self.Meta.constraint_fields:
                raise
            constraint = next(c for c in self.Meta.model._meta.constraints if c.name == name)
            problem = ErrorDetail(str(constraint.violation_error_message), code=_code(constraint))
            raise serializers.ValidationError(
                {self.Meta.constraint_fields[name]: [problem]}
            ) from error


def _code(constraint: models.BaseConstraint) -> str:
    return "taken" if isinstance(constraint, models.UniqueConstraint) else "invalid"
