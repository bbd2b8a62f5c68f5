"""Everything that the page of an article or a ritual shows."""

import math
from datetime import datetime

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.lib import markup, money

from .. import addresses, kits
from ..models import Organization, Post, Product, Variant
from ..pictures import rendition
from . import buyables, posts

# Words a person reads in a minute.
_PACE = 220


def context(organization: Organization, post: Post, *, now: datetime) -> dict:
    """Give the page's parts; prices and stock are those of the catalogue at this moment."""
    pictures = {
        picture.number: {**picture.picture, "alt": picture.description}
        for picture in post.pictures.all()
    }
    category, cover = post.category, rendition(post.cover)
    return {
        "title": post.title,
        "summary": post.summary,
        "eyebrow": category.name if category else posts.kind_label(post.kind),
        "eyebrow_url": addresses.post_category(category.slug) if category else "",
        "author": post.author,
        "date_label": posts.date_label(post.published_at),
        "date_iso": post.published_at.date().isoformat(),
        "facts": _facts(post),
        "cover": cover,
        "body_html": buyables.body(organization, post.body, pictures, now=now),
        "steps": post.step_lines,
        "ritual": _ritual(organization, post, now=now),
        "tags": [
            {"label": tag, "url": addresses.post_tag(slug)}
            for tag, slug in zip(post.tags, post.tag_slugs, strict=False)
        ],
        "page_title": f"{post.seo_title or post.title} · {organization.name}",
        "page_description": post.seo_description or post.summary,
        "feed_url": addresses.BLOG_FEED,
    }


def _facts(post: Post) -> list[str]:
    facts = []
    if post.is_ritual:
        facts.append(posts.minutes_label(post.minutes))
        steps = len(post.step_lines)
        facts.append(ngettext("%(n)d step", "%(n)d steps", steps) % {"n": steps} if steps else "")
    else:
        minutes = math.ceil(len(markup.plain(post.body).split()) / _PACE)
        facts.append(_("%(n)d min read") % {"n": minutes} if minutes else "")
    return [fact for fact in facts if fact]


def _ritual(organization: Organization, post: Post, *, now: datetime) -> dict | None:
    """Give what a ritual needs, and the price of all of it that can be bought now."""
    variants = Variant.objects.select_related("product").defer(
        "product__search", "product__name_search"
    )
    rows = (
        post.items.filter(
            variant__is_active=True, variant__product__in=Product.objects.visible(now)
        )
        .prefetch_related(Prefetch("variant", kits.with_available(variants)))
        .order_by("position", "id")
    )
    items, total = [], 0
    for row in rows:
        product, shown = row.variant.product, buyables.choice(row.variant, organization.currency)
        if shown.is_available:
            total += row.variant.price * row.quantity
        items.append(
            {
                "name": product.name,
                "label": shown.label,
                "sku": shown.sku,
                "quantity": row.quantity,
                "url": addresses.product(product.slug),
                "picture": rendition(product.cover),
                "price_label": money.label(row.variant.price * row.quantity, organization.currency),
                "is_available": shown.is_available,
            }
        )
    if not items:
        return None
    buyable = sum(item["is_available"] for item in items)
    return {
        "items": items,
        "buyable": buyable,
        "total_label": money.label(total, organization.currency) if buyable else "",
    }


def trail(post: Post) -> list[tuple[str, str]]:
    """Give the way from the home page to a post."""
    above = (_("Rituals"), addresses.RITUALS) if post.is_ritual else (_("Blog"), addresses.BLOG)
    return [(_("Home"), addresses.HOME), above, (post.title, "")]


def neighbours(post: Post, *, now: datetime) -> dict:
    """Give the posts of the same kind before and after this one, as links."""
    others = Post.objects.filter(kind=post.kind).visible(now).exclude(pk=post.pk)
    at, key = post.published_at, post.pk
    older = others.filter(Q(published_at__lt=at) | Q(published_at=at, id__lt=key))
    newer = others.filter(Q(published_at__gt=at) | Q(published_at=at, id__gt=key))
    return {
        "older": _link(older.order_by("-published_at", "-id")),
        "newer": _link(newer.order_by("published_at", "id")),
    }


def _link(found) -> dict | None:
    row = found.values("kind", "slug", "title").first()
    return row and {"label": row["title"], "url": addresses.post(row["kind"], row["slug"])}
