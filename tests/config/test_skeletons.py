"""What a skeleton gives must be what its template gives."""

import itertools

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from config.lib.skeletons import Skeleton

HOSTILE = "<b>\"50 %\"</b> & '%(name)s' {{ name }} \ue000"
CARD = {
    "url": "/productos/a/?b=1&c=2",
    "name": HOSTILE,
    "summary": "Para 100 % de los días",
    "price_label": "$ 24.900",
    "compare_at_label": "$ 29.900",
    "from_label": "Desde",
    "picture_src": "/media/a.webp",
    "picture_srcset": "/media/a.webp 320w",
    "picture_width": 320,
    "picture_height": 400,
    "badge": "Oferta",
    "badge_kind": "offer",
    "is_available": True,
    "availability_label": "Últimas unidades",
    "is_lazy": True,
    "key": "0198c0de-0000-7000-8000-000000000001",
}


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_shape_is_filled_as_the_template_would(language):
    skeleton = Skeleton("components/card.html")
    optional = ("summary", "compare_at_label", "from_label", "picture_src", "badge")
    switches = ("is_available", "is_lazy")
    with translation.override(language):
        for present in itertools.product((True, False), repeat=len(optional) + len(switches)):
            values = dict(CARD)
            for name, is_present in zip((*optional, *switches), present, strict=True):
                values[name] = is_present if name in switches else values[name] * is_present

            for _twice in range(2):
                assert skeleton.fill(values) == render_to_string("components/card.html", values)


def test_words_are_escaped_and_ready_html_is_not():
    skeleton = Skeleton("components/item.html")

    assert skeleton.fill({"label": "<b>", "kind": ""}) == "<li>&lt;b&gt;</li>\n"
    assert skeleton.fill({"label": mark_safe("<b>"), "kind": ""}) == "<li><b></li>\n"


def test_each_language_has_its_own_words():
    skeleton = Skeleton("components/card.html")

    with translation.override("es"):
        spanish = skeleton.fill(CARD)
    with translation.override("en"):
        english = skeleton.fill(CARD)

    assert "Before:" in english
    assert "Before:" not in spanish
