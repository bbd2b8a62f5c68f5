"""Ways to pay that a shop offers: what each needs, and whether it can work. Keys go in only."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext

from shop.admin.accounts import AccountAdmin, AccountForm
from shop.admin.site import site

from .. import payments
from ..models import PaymentAccount


class PaymentAccountForm(AccountForm):
    adapters = payments.PROVIDERS


@admin.register(PaymentAccount, site=site)
class PaymentAccountAdmin(AccountAdmin):
    form = PaymentAccountForm
    about = ("name", "description", ("is_live", "is_active", "position"))
    change_form_template = "admin/orders/paymentaccount_form.html"

    def get_urls(self):
        return [
            path(
                "<path:object_id>/comprobar/",
                self.admin_site.admin_view(self.check_view),
                name=self.page_address("check"),
            ),
            *super().get_urls(),
        ]

    def has_webhook(self, account):
        return payments.get(account.provider).can_be_asked

    def check_view(self, request, object_id):
        """Say whether the account has all it needs and fits the shop's mode."""
        account = self.get_object(request, object_id)
        if account is None:
            raise Http404
        if not self.has_view_permission(request, account):
            raise PermissionDenied
        found = self.problems_of(account)
        for problem in found:
            messages.error(request, problem)
        if not found:
            messages.success(request, gettext("Nothing is missing: buyers can pay this way."))
        return HttpResponseRedirect(self.address_of(account))
