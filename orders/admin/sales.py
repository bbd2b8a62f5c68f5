"""The sales of the last days, drawn; every bar and row leads to the orders behind it."""

from datetime import timedelta

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from config.lib import money
from shop.admin import overview
from shop.admin.base import ReadOnlyAdmin
from shop.admin.overview import Panel
from shop.admin.site import site

from .. import sales_report
from ..models import DailySales, PaymentAccount
from . import sales_chart
from .days import NO_METHOD, orders_address, written
from .sales_chart import short_day

PERIODS = (7, 30, 90)
_METHODS = dict(PaymentAccount.Provider.choices)


@admin.register(DailySales, site=site)
class DailySalesAdmin(ReadOnlyAdmin):
    """No list of rows but one page about them."""

    pages = ("changelist",)

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.get("days", "")
        days = int(asked) if asked in map(str, PERIODS) else 30
        report = sales_report.report(request.organization, days=days, today=timezone.localdate())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Sales"),
            "opts": self.opts,
            **page(report, currency=request.organization.currency),
        }
        return TemplateResponse(request, "admin/orders/sales.html", context)


def page(report, *, currency: str) -> dict:
    """Give what the page shows, in words and addresses."""

    def amount(number):
        return money.label(number, currency)

    def url_of(day):
        return _address(report, paid_on=written(day, day))

    return {
        "report": report,
        "span": f"{short_day(report.first)} – {short_day(report.last)} {report.last.year}",
        "counted": _moment(report.counted_at) if report.counted_at else "",
        "periods": [
            {"days": days, "url": f"?days={days}", "is_chosen": days == report.length}
            for days in PERIODS
        ],
        "figures": _figures(report, amount),
        "chart": sales_chart.draw(report, currency=currency, url_of=url_of),
        "days": [
            {
                "label": f"{date_format(day, 'D')} {short_day(day)}",
                "paid_url": url_of(day),
                "placed_url": _address(report, placed_on=written(day, day)),
                "totals": totals,
                "sales": amount(totals.sales),
                "average": amount(totals.average),
                "refunds": amount(totals.refunds),
            }
            for day, totals in reversed(report.by_day.items())
        ],
        "methods": [
            _method(report, method, totals, amount) for method, totals in report.by_method.items()
        ],
        "products": [_product(report, product, amount) for product in report.products],
    }


def _address(report, **query) -> str:
    """Give the list of just the orders that were counted: practice ones, or the real ones."""
    return orders_address(**query, test="yes" if report.is_test else "no")


def _moment(moment) -> str:
    local = timezone.localtime(moment)
    return f"{short_day(local)}, {time_format(local)}"


def _figures(report, amount) -> list[dict]:
    period = written(report.first, report.last)
    now, before = report.totals, report.before
    paid, placed = _address(report, paid_on=period), _address(report, placed_on=period)
    return [
        _figure(_("Sales"), now.sales, before.sales, amount, url=paid),
        _figure(_("Paid orders"), now.paid, before.paid, str, url=paid),
        _figure(_("Average order"), now.average, before.average, amount, url=paid),
        _figure(_("Orders placed"), now.placed, before.placed, str, url=placed),
        _figure(_("Refunds"), now.refunds, before.refunds, amount, less_is_better=True),
    ]


def _figure(label, now, before, shown, *, url="", less_is_better=False) -> dict:
    change = round(100 * (now - before) / before) if before else None
    better = change is not None and change != 0 and (change < 0) == less_is_better
    worse = change is not None and change != 0 and not better
    return {
        "label": label,
        "number": shown(now),
        "before": shown(before) if before else "",
        "change": change,
        "tone": "is-better" if better else "is-worse" if worse else "",
        "url": url,
    }


def _method(report, method, totals, amount) -> dict:
    period = written(report.first, report.last)
    return {
        "label": _METHODS.get(method, method) or _("Nothing to pay"),
        "url": _address(report, paid_on=period, method=method or NO_METHOD),
        "orders": totals.paid,
        "sales": amount(totals.sales),
        "share": sales_chart.share(totals.sales, report.totals.sales),
        "percent": round(100 * totals.sales / report.totals.sales) if report.totals.sales else 0,
    }


def _product(report, product, amount) -> dict:
    period = written(report.first, report.last)
    best = report.products[0].sales
    return {
        "name": product.variant.product.name,
        "label": product.variant.label,
        "url": _address(report, paid_on=period, product=product.variant.pk),
        "quantity": product.quantity,
        "orders": product.orders,
        "sales": amount(product.sales),
        "share": sales_chart.share(product.sales, best),
    }


def todays_panel(request) -> list[Panel]:
    """Draw the last thirty days on the first page of who may see money."""
    if not request.user.has_perm("orders.view_dailysales"):
        return []
    currency, today = request.organization.currency, timezone.localdate()
    report = sales_report.report(request.organization, days=30, today=today, with_products=False)
    if not (report.totals.placed or report.before.placed):
        return []
    address = reverse("admin:orders_dailysales_changelist")

    def amount(number):
        return money.label(number, currency)

    now, before = report.by_day[today], report.by_day[today - timedelta(days=7)]
    figures = [
        {
            **_figure(_("Sales today"), now.sales, before.sales, amount, url=f"{address}?days=7"),
            # The day is not over.
            "change": None,
        },
        *_figures(report, amount)[:3],
    ]
    values = {
        "report": report,
        "url": f"{address}?days=30",
        "counted": _moment(report.counted_at) if report.counted_at else "",
        "figures": figures,
        "chart": sales_chart.draw(
            report,
            currency=currency,
            url_of=lambda day: _address(report, paid_on=written(day, day)),
        ),
    }
    return [Panel("admin/orders/_sales_panel.html", values, is_wide=True)]


overview.add(panels=todays_panel)
