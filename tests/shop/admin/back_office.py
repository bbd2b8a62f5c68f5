"""What tests of the back-office share: a signed-in client, and forms as browsers send them."""

import re
from html.parser import HTMLParser

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import make

# The models whose lists stand in the menu.
LISTS = [
    "product",
    "variant",
    "category",
    "benefit",
    "stocklevel",
    "stockmovement",
    "customer",
    "membership",
    "auditentry",
]


# What no audit tells: itself, a person's own session and views, a draft that is no order yet, an
# import before it is brought in, a count before it is applied, numbers that are taken, and what is
# worked out for pages.
_UNHEARD = {
    "shop_auditentry",
    "django_session",
    "shop_savedview",
    "orders_cart",
    "orders_cartline",
    "shop_productimport",
    "shop_importrow",
    "shop_importfault",
    "shop_stockcountline",
    "shop_sequence",
    # What is counted into a box; that it was closed is told.
    "orders_packing",
}
_WRITE = re.compile(r'(?<!KEY )(?<!FOR )(?<!DO )\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)')


class StaffClient(Client):
    """A browser of the back-office; a change by it that the audit does not tell fails the test."""

    def post(self, path, *args, **kwargs):
        with CaptureQueriesContext(connection) as captured:
            response = super().post(path, *args, **kwargs)
        written = _written(query["sql"] for query in captured.captured_queries)
        self.last_written = written - _UNHEARD
        self.is_told = "shop_auditentry" in written
        # A form sent unchanged writes the same values again; test_audit_walk.py changes them.
        may_be_silent = path.endswith("/change/") or not self.last_written
        assert self.is_told or may_be_silent, f"{path} left no trace of {self.last_written}"
        return response


def _written(statements) -> set[str]:
    """Give the tables that were written to, without what was taken back."""
    levels = [[]]
    for statement in statements:
        if statement.startswith(("SAVEPOINT", "BEGIN")):
            levels.append([])
        elif statement.startswith("ROLLBACK"):
            # A savepoint itself stays until it is released.
            levels[-1].clear()
        elif statement.startswith(("RELEASE", "COMMIT")):
            kept = levels.pop()
            levels[-1].extend(kept)
        else:
            levels[-1].extend(_WRITE.findall(statement))
    return {table for level in levels for table in level}


def client_of(role: str, **fields) -> Client:
    """Give a client signed in as a new member with this role."""
    client = StaffClient()
    client.user = make.member(role, **fields)
    client.force_login(client.user)
    return client


class _Fields(HTMLParser):
    """Collects what the form with a token would send, the way browsers do."""

    def __init__(self):
        super().__init__()
        self.values, self._select, self._text = {}, None, None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        name = attrs.get("name", "")
        if "__prefix__" in name or "disabled" in attrs:
            return
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in attrs:
            self.values.setdefault(self._select, []).append(attrs.get("value", ""))
        elif tag == "textarea":
            self._text = name
            self.values[name] = [""]
        elif tag == "input" and name:
            kind = attrs.get("type", "text")
            if kind in ("checkbox", "radio") and "checked" not in attrs:
                return
            if kind not in ("submit", "file", "button"):
                self.values[name] = [attrs.get("value", "on" if kind == "checkbox" else "")]

    def handle_endtag(self, tag):
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            self._text = None

    def handle_data(self, data):
        if self._text is not None:
            self.values[self._text][0] += data


def typed_in(client: Client, path: str) -> dict:
    """Give what the form at this address would send unchanged."""
    response = client.get(path)
    assert response.status_code == 200, response.status_code
    fields = _Fields()
    fields.feed(response.content.decode())
    # A text area starts with a line end that is not part of its value.
    return {
        name: [value.removeprefix("\n").removeprefix("\r\n") for value in values]
        for name, values in fields.values.items()
        if name not in ("csrfmiddlewaretoken", "q")
    }


def send(client: Client, path: str, **changes):
    """Change some fields of the form at this address and send it; None leaves a field out."""
    data = typed_in(client, path)
    for name, value in changes.items():
        name = name.replace("__", "-")
        if value is None:
            data.pop(name, None)
        else:
            data[name] = value
    return client.post(path, data)


def errors_of(response) -> dict[str, list[str]]:
    """Give the messages beside the fields of a form that was refused, its rows' included."""
    found = dict(response.context["adminform"].form.errors)
    for inline in response.context["inline_admin_formsets"]:
        if whole := inline.formset.non_form_errors():
            found[inline.formset.prefix] = list(whole)
        for form in inline.formset.forms:
            found.update(
                {form.add_prefix(name): list(texts) for name, texts in form.errors.items()}
            )
    return {name: list(texts) for name, texts in found.items()}


def change(row) -> str:
    """Give the address of the page that changes this row."""
    return f"/admin/shop/{row._meta.model_name}/{row.pk}/change/"


def new_product(owner, category, **fields):
    """Fill in the form of a new product with two variants, and send it."""
    values = {
        "name": "Aceite de coco",
        "category": str(category.pk),
        "option1_name": "Tamaño",
        "variants__TOTAL_FORMS": "2",
        "variants__0__option1": "10 ml",
        "variants__0__price": "24.900",
        "variants__0__opening_stock": "7",
        "variants__1__option1": "30 ml",
        "variants__1__price": "$ 39900",
        "variants__1__compare_at_price": "45.000,00",
        "variants__1__weight_grams": "80",
        "variants__1__position": "1",
        "variants__1__is_active": "on",
    }
    return send(owner, "/admin/shop/product/add/", **{**values, **fields})
