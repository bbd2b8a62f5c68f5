"""Electronic documents of an order: written by whoever connects the provider with the shop."""

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.generics import get_object_or_404

from config.lib.api import versions
from shop.api.base import Listed, RowView, Shown

from .. import invoices
from ..idempotency import idempotent
from ..models import Invoice, Order
from ..serializers.invoices import InvoiceSerializer


class InvoiceView(Listed, Shown, RowView):
    """Invoices, equivalent documents and notes of one order; none of them is ever deleted here."""

    model = Invoice
    serializer_class = InvoiceSerializer

    def rows(self):
        order = get_object_or_404(Order.objects.only("pk"), pk=self.kwargs["order_id"])
        return Invoice.objects.filter(order=order)

    @extend_schema(responses={201: InvoiceSerializer})
    @idempotent
    def create(self, request, order_id):
        """Keep a document that the provider made of this order."""
        order = get_object_or_404(Order.objects.all(), pk=order_id)
        given = self._read()
        made = _told_by_field(invoices.record, order, given, now=timezone.now(), actor=request.user)
        return self.shown(made.pk, status_code=status.HTTP_201_CREATED)

    @idempotent
    def update(self, request, order_id, pk, partial=False):
        """Write what became of a document, such as the answer of the DIAN."""
        with transaction.atomic():
            # The order before its document, as everywhere.
            get_object_or_404(Order.objects.select_for_update(no_key=True), pk=order_id)
            invoice = get_object_or_404(self.rows(), pk=pk)
            versions.require_match(request, self.typed(invoice))
            given = self._read(invoice, partial=partial)
            _told_by_field(invoices.change, invoice, given, now=timezone.now(), actor=request.user)
        return self.shown(pk)

    def partial_update(self, request, *args, **kwargs):
        return self.update(request, *args, partial=True, **kwargs)

    def _read(self, invoice=None, *, partial=False) -> dict:
        serializer = self.get_serializer(invoice, data=self.request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


def _told_by_field(operation, *args, **kwargs) -> Invoice:
    try:
        return operation(*args, **kwargs)
    except invoices.BadInvoice as error:
        problems = {
            name: [ErrorDetail(sentence, code="invalid")] for name, sentence in error.fields.items()
        }
        raise ValidationError(problems) from error
