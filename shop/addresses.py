"""The public addresses of the shop (DESIGN §6): stable, so written out where speed counts."""

from urllib.parse import quote, urlencode

HOME = "/"
PRODUCTS = "/productos/"
SEARCH = "/buscar/"
BLOG = "/blog/"
BLOG_FEED = "/blog/rss.xml"
RITUALS = "/rituales/"


def product(slug: str) -> str:
    return f"/productos/{slug}/"


def category(slug: str) -> str:
    return f"/categorias/{slug}/"


def page(slug: str) -> str:
    return f"/paginas/{slug}/"


def post(kind: str, slug: str) -> str:
    """Give the address of an article or a ritual."""
    return f"{RITUALS if kind == 'ritual' else BLOG}{slug}/"


def post_category(slug: str) -> str:
    return f"{BLOG}categoria/{slug}/"


def post_tag(slug: str) -> str:
    return f"{BLOG}etiqueta/{slug}/"


def with_query(path: str, pairs: list[tuple[str, str]]) -> str:
    """Give the path with these parameters, those without a value left out."""
    query = urlencode([(name, value) for name, value in pairs if value != ""])
    return f"{path}?{query}" if query else path


def whatsapp(number: str, message: str) -> str:
    """Give the link that opens WhatsApp with a message to this number (E.164)."""
    return f"https://wa.me/{number.lstrip('+')}?text={quote(message)}"
