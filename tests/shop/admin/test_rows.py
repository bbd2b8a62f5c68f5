"""The rows of a list cost little to draw, and look as unfold's."""

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from pytest_django.asserts import assertHTMLEqual
from unfold.admin import checkbox
from unfold.templatetags import unfold_list

from shop.admin import rows
from tests import make


def test_the_box_of_a_row_is_that_of_unfold():
    key = 'a"<b>'

    assertHTMLEqual(rows.checkbox(key), checkbox.render(ACTION_CHECKBOX_NAME, key))


def test_headings_are_worked_out_once_for_all_rows_of_a_list(owner, monkeypatch):
    for number in range(3):
        make.product(f"Aceite {number}")
    asked = []
    original = unfold_list.label_for_field

    def counted(name, *args, **kwargs):
        asked.append(name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(unfold_list, "label_for_field", counted)
    page = owner.get("/admin/shop/product/")

    assert page.content.count(b"data-row") == 3
    assert len(asked) == len(set(asked)) > 3
