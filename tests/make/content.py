"""What a shop tells: articles, menus, banners and its home page."""

from datetime import timedelta

from django.utils import timezone

from shop import content
from shop.models import Banner, HomeBlock, MenuItem, Post, PostCategory, PostItem
from tests.make.shop import here, numbers


def post(title: str | None = None, *, items: tuple | list = (), **fields) -> Post:
    """Give a published article (or a ritual with these variants, or pairs with a quantity)."""
    number = next(numbers)
    fields = {
        "slug": f"texto-{number}",
        "status": Post.Status.PUBLISHED,
        "published_at": timezone.now() - timedelta(minutes=5),
        "kind": Post.Kind.RITUAL if items else Post.Kind.ARTICLE,
        **fields,
    }
    post = Post.objects.create(organization=here(), title=title or f"Texto {number}", **fields)
    for position, item in enumerate(items):
        variant_, quantity = item if isinstance(item, tuple) else (item, 1)
        PostItem.objects.create(post=post, variant=variant_, quantity=quantity, position=position)
    content.refresh(post)
    return post


def post_category(name: str | None = None, **fields) -> PostCategory:
    number = next(numbers)
    fields = {"slug": f"tema-{number}", "organization": here(), **fields}
    return PostCategory.objects.create(name=name or f"Tema {number}", **fields)


def menu_item(address: str = "/productos/", label: str | None = None, **fields) -> MenuItem:
    fields = {"kind": MenuItem.Kind.ADDRESS, "address": address, "organization": here(), **fields}
    return MenuItem.objects.create(label=label or f"Enlace {next(numbers)}", **fields)


def banner(text: str | None = None, **fields) -> Banner:
    fields = {"organization": here(), **fields}
    return Banner.objects.create(text=text or f"Aviso {next(numbers)}", **fields)


def home_block(kind: str = "text", **fields) -> HomeBlock:
    fields = {"title": f"Bloque {next(numbers)}", "organization": here(), **fields}
    return HomeBlock.objects.create(kind=kind, **fields)
