"""The interface is whole in Spanish: every text of the code is translated, and pages show it."""

import os
import re
import shutil
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import trans_real

from orders import tokens
from orders.models import Order
from shop import audit
from shop.models import AuditEntry, Variant
from tests import make

CATALOGUE = settings.BASE_DIR / "locale" / "es" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*(?::[^}]*)?\}")
TAG = re.compile(r"<[^>]+>")


def entries() -> list[polib.POEntry]:
    return polib.pofile(str(CATALOGUE))


def key(entry: polib.POEntry) -> tuple:
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def pairs():
    """Give each English text with what stands for it in Spanish, every plural form by itself."""
    for entry in entries():
        if not entry.msgid_plural:
            yield entry.msgid, entry.msgstr
        else:
            for form, text in entry.msgstr_plural.items():
                yield (entry.msgid_plural if form else entry.msgid), text


# --- The catalogue ----------------------------------------------------------------------------


def test_every_text_of_the_code_is_in_the_catalogue_and_no_other(tmp_path):
    assert shutil.which("xgettext"), "xgettext is missing: install gettext."
    shutil.copytree(
        settings.BASE_DIR,
        tmp_path / "source",
        ignore=shutil.ignore_patterns(".*", "__pycache__", "static", "*.mo"),
    )
    # The rule that people use, with the packages of this test instead of its own.
    subprocess.run(
        ["make", "--silent", "-o", ".venv/installed", "messages", f"VENV={sys.executable}"],
        cwd=tmp_path / "source",
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings_test"},
        check=True,
        timeout=180,
    )
    fresh = polib.pofile(str(tmp_path / "source" / CATALOGUE.relative_to(settings.BASE_DIR)))
    written, kept = {key(entry) for entry in fresh}, {key(entry) for entry in entries()}

    advice = "Run `make messages`, then translate what is new."
    assert written - kept == set(), f"Not in the catalogue. {advice}"
    assert kept - written == set(), f"No longer in the code. {advice}"


def test_gettext_has_no_name_that_the_extraction_misses():
    for file in settings.BASE_DIR.rglob("*.py"):
        if not any(part.startswith(".") for part in file.relative_to(settings.BASE_DIR).parts):
            names = re.findall(r"import \w*gettext\w* as (\w+)", file.read_text())
            assert set(names) <= {"_"}, f"{file.name}: texts under this name are not found."


def test_no_text_hides_from_the_extraction_in_a_formatted_string():
    calls = re.compile(r"""\bf(["'])(?:(?!\1).)*\{\s*\w*(?:gettext|\b_)\(""")
    for file in settings.BASE_DIR.rglob("*.py"):
        if not any(part.startswith(".") for part in file.relative_to(settings.BASE_DIR).parts):
            assert not calls.search(file.read_text()), f"{file.name}: xgettext does not look there."


def test_every_text_is_translated_and_none_is_a_guess():
    for entry in entries():
        assert not entry.obsolete, f"Nobody uses {entry.msgid!r}: run `make messages`."
        assert not entry.fuzzy, f"{entry.msgid!r} is a guess: check it and remove the mark."
        assert entry.translated(), f"{entry.msgid!r} has no Spanish."


# The same word in both languages; anything else that stays as it was, nobody translated.
ALIKE = {
    *("General", "No", "IVA", "IVA 5 %", "IVA 19 %", "logo", "SKU", "API", "Web", "error"),
    *("Subtotal", "subtotal", "Total", "total", "Error", "%(count)s error", "plan", "Blog"),
    *("Ritual", "kit", "Kit", "Kit: %(name)s"),
    # Nothing but what is filled in.
    *("%(account)s: %(problem)s", "%(action)s: %(kind)s", "%(day)s: %(problem)s"),
    *("%(parcel)s: %(state)s.", "%(carrier)s: %(service)s"),
}


def test_no_text_stays_in_english():
    assert {english for english, spanish in pairs() if english == spanish} == ALIKE


def test_translations_keep_placeholders_tags_and_edges():
    for english, spanish in pairs():
        assert set(PLACEHOLDER.findall(spanish)) == set(PLACEHOLDER.findall(english)), spanish
        assert sorted(TAG.findall(spanish)) == sorted(TAG.findall(english)), spanish
        assert spanish.strip() == spanish or english.strip() != english, repr(spanish)


def test_the_catalogue_in_use_is_the_one_in_the_repository():
    compiled = CATALOGUE.with_suffix(".mo")
    assert compiled.exists(), "The translations are not compiled: run `make translations`."
    kept = {key(entry): (entry.msgstr, entry.msgstr_plural) for entry in entries()}
    used = {
        key(entry): (entry.msgstr, entry.msgstr_plural)
        for entry in polib.mofile(str(compiled))
        if entry.msgid
    }
    assert used == kept, "The compiled translations are old: run `make translations`."


def test_the_catalogue_holds_no_date_and_no_path_of_a_machine():
    text = CATALOGUE.read_text()
    assert "-Date:" not in text
    assert not re.search(r"^#: (/|\.\.)", text, re.MULTILINE)


# --- The pages --------------------------------------------------------------------------------

# Words that no Spanish sentence has: they give away a text that nobody sends through gettext.
ENGLISH_WORDS = re.compile(
    r"\b(the|and|with|your|you|of|is|are|was|not|this|that|from|into|for|have|select|apply|"
    r"search|show|add|save|filters?|results?|choose|change[sd]?|delete[ds]?|write|please)\b"
    # Nor a word of the code, as a choice without its label.
    r"|^[a-z]+_[a-z_]+$",
    re.IGNORECASE,
)
# Written in their own language, drawn from their names, or said by nobody.

SPOKEN_ATTRIBUTES = ("alt", "title", "placeholder", "aria-label", "data-label")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


class VisibleText(HTMLParser):
    """Collects what a person can read or hear of a page, piece by piece."""

    def __init__(self):
        super().__init__()
        self.pieces, self._hidden = [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        is_silent = (
            tag in ("script", "style", "template")
            or "material-symbols-outlined" in (attrs.get("class") or "")
            or attrs.get("lang") == "en"
            or attrs.get("translate") == "no"
        )
        if tag not in VOID and (self._hidden or is_silent):
            self._hidden.append(tag)
        if self._hidden:
            return
        for name in SPOKEN_ATTRIBUTES:
            self.piece(attrs.get(name))
        if tag == "input" and attrs.get("type") in ("submit", "button"):
            self.piece(attrs.get("value"))
        if tag == "meta" and attrs.get("name") == "description":
            self.piece(attrs.get("content"))

    def handle_endtag(self, tag):
        if self._hidden and self._hidden[-1] == tag:
            self._hidden.pop()

    def handle_data(self, data):
        if not self._hidden:
            self.piece(data)

    def piece(self, text):
        if text and text.strip():
            self.pieces.append(" ".join(text.split()))


def english_texts() -> tuple[set[str], list[str]]:
    """Give what a Spanish page must not say: whole texts, and longer parts of such with blanks."""
    whole, parts = set(), set()
    known = dict(trans_real.translation("es")._catalog.items())
    for text, spanish in known.items():
        english, *_plural = text if isinstance(text, tuple) else (text,)
        if not english or "\x04" in english or english.casefold() == str(spanish).casefold():
            continue
        fragments = re.split(f"{PLACEHOLDER.pattern}|{TAG.pattern}", english)
        if len(fragments) == 1:
            whole.add(english.casefold())
        parts.update(
            " ".join(part.split()) for part in fragments if len(part.split()) > 2 and len(part) > 14
        )
    # What both languages say alike, such as "general" or a name, is no mistake.
    said = [str(spanish) for spanish in known.values()]
    whole -= {spanish.casefold() for spanish in said}
    return whole, [part for part in sorted(parts) if not any(part in text for text in said)]


def english_in(page: str, texts: tuple[set[str], list[str]], known: set[str]) -> list[str]:
    """Give what a page says in English, apart from the pieces that are known to be clean."""
    whole, parts = texts
    reader = VisibleText()
    reader.feed(page)
    pieces = [piece for piece in dict.fromkeys(reader.pieces) if piece not in known]
    found = [piece for piece in pieces if piece.casefold().rstrip(":") in whole]
    found += [piece for piece in pieces if ENGLISH_WORDS.search(piece)]
    # A part holds no tag, so that it lies in one piece.
    everything = "\n".join(pieces)
    found += [part for part in parts if part in everything]
    if not found:
        known.update(pieces)
    return found


def test_the_reader_finds_english():
    texts = ({"add to cart", "tags"}, ["is no longer part"])
    known = set()
    assert english_in("<p>Agregar</p><script>the</script>", texts, known) == []
    assert known == {"Agregar"}
    for page in (
        '<p>Tags:</p><img alt="Add to cart">',
        "<p>ana@x.co is no longer part of it</p>",
        '<input type="submit" value="Save it">',
    ):
        # What was found once is found again.
        assert english_in(page, texts, known)
        assert english_in(page, texts, known)


@pytest.fixture
def shop(organization):
    """A shop with one row of every kind that its pages show, in Spanish alone."""
    organization.name = "Tienda de prueba"
    organization.whatsapp = "+573001234567"
    organization.save()
    shelf = make.category("Aceites", slug="aceites")
    product = make.product(
        "Aceite de coco",
        category=shelf,
        benefits=[make.benefit("Hidratación")],
        variants=2,
        description="Prensado en frío.",
        is_featured=True,
    )
    make.product("Jabón de avena", category=shelf, in_stock=0)
    make.customer()
    owner = make.member("owner", name="Dueña", email="propietaria@ejemplo.com.co")
    for action in AuditEntry.Action:
        audit.record(organization, owner, action, product, after={"name": "Aceite"})
    make.rows_of_logistics()
    make.rows_of_orders()
    make.placed_order(provider="cash")
    make.pay(make.placed_order())
    return organization


def put_in_the_cart(client: Client) -> None:
    sku = Variant.objects.filter(stock__on_hand__gt=0).values_list("sku", flat=True)[0]
    client.post("/carrito/agregar/", {"variant": sku, "quantity": 1})


def addresses_in(page: str, here: str) -> set[str]:
    found = set()
    for written in re.findall(r'(?:href|data-fragment)="([^"#]+)"', page):
        target = urlsplit(urljoin(f"http://testserver{here}", unescape(written)))
        is_page = not re.match(r"/(static|media|api|iconos|idioma|marca)|.*salir", target.path)
        if target.hostname == "testserver" and is_page:
            found.add(target.path)
    return found


SEEDS = {
    "visitor": [
        *("/", "/productos/", "/categorias/aceites/", "/buscar/?q=acite", "/buscar/?q=zzz"),
        *("/productos/?precio_desde=9&precio_hasta=1", "/buscar/sugerencias/?q=aceite"),
        *("/no-existe/", "/sin-conexion/", "/cuenta/entrar/", "/visitante/"),
        *("/carrito/", "/checkout/", "/pedidos/", "/pedidos/?numero=9"),
    ],
    "owner": ["/", "/cuenta/", "/admin/", "/admin/shop/product/?q=zzz", "/visitante/"],
}


@pytest.mark.parametrize("kind", SEEDS)
def test_pages_in_spanish_say_nothing_in_english(shop, kind):
    texts = english_texts()
    client = Client()
    if kind == "owner":
        client.force_login(shop.memberships.get(role="owner").user)
    else:
        put_in_the_cart(client)
    waiting = [
        *SEEDS[kind],
        *(f"/pedidos/{tokens.for_order(order)}/" for order in Order.objects.all()),
    ]
    seen, known = set(waiting), set()
    found = {}

    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        page = answer.content.decode()
        if english := english_in(page, texts, known):
            found[address] = english
        new = addresses_in(page, urlsplit(address).path) - seen
        seen |= new
        waiting += new

    assert not found, "\n".join(f"{path}: {text}" for path, text in found.items())
    assert len(seen) > 20, f"The crawl reached only {len(seen)} addresses"
