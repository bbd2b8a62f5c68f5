"""Articles and rituals: what their lists, search and links need is kept, and kept right."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from config.lib import markup, text

from . import page_cache, pictures, search
from .models import Organization, Post, PostCategory, PostPicture

LONGEST_SLUG = 80


def propose_slug(post: Post) -> str:
    """Give an address for a text that no other text of its organization has."""
    base = text.free_slug(post.title, taken=set(), length=LONGEST_SLUG)
    taken = Post.objects.exclude(pk=post.pk).filter(slug__startswith=base)
    return text.free_slug(
        post.title, taken=set(taken.values_list("slug", flat=True)), length=LONGEST_SLUG
    )


def tag_slug(tag: str) -> str:
    """Give the part of the address under which the texts with a tag are listed."""
    return text.free_slug(tag, taken=set(), length=50)


@transaction.atomic
def refresh(post: Post) -> None:
    """Bring tags and search of a text up to date and drop kept pages; call it after any change."""
    organization = post.organization
    post.tag_slugs = [tag_slug(tag) for tag in post.tags]
    post.save(update_fields=["tag_slugs"])
    by_weight = {
        "a": post.title,
        "b": " ".join([post.summary, *post.tags, post.category.name if post.category else ""]),
        "c": f"{markup.plain(post.body)} {post.steps}",
    }
    if post.status == Post.Status.PUBLISHED:
        search.learn(organization, [post.title])
    with connection.cursor() as cursor:
        cursor.execute(
            _REFRESH_SEARCH,
            {
                "id": post.pk,
                "configuration": search.CONFIGURATIONS[organization.language],
                # Cut into words as a search is, so that both sides always agree.
                **{weight: " ".join(text.words(words)) for weight, words in by_weight.items()},
            },
        )
    page_cache.invalidate(organization.pk)


_REFRESH_SEARCH = """
UPDATE shop_post SET search =
    setweight(to_tsvector(%(configuration)s::regconfig, %(a)s::text), 'A')
    || setweight(to_tsvector(%(configuration)s::regconfig, %(b)s::text), 'B')
    || setweight(to_tsvector(%(configuration)s::regconfig, %(c)s::text), 'D')
WHERE id = %(id)s::uuid
"""


@transaction.atomic
def refresh_category(category: PostCategory) -> None:
    """Bring the texts of a renamed subject up to date."""
    for post in category.posts.select_related("organization", "category").order_by("pk"):
        refresh(post)
    page_cache.invalidate(category.organization_id)


def add_picture(post: Post, image, *, description: str = "") -> PostPicture:
    """Add a picture for the text; it keeps its number for good, because the text names it."""
    kept = pictures.save(image, post.organization, description=description)
    last = post.pictures.aggregate(last=Max("number"))["last"]
    return PostPicture.objects.create(
        post=post, number=(last or 0) + 1, picture=kept, description=description
    )


@transaction.atomic
def remove_picture(picture: PostPicture) -> None:
    """Take a picture out of a text; its files go once that is committed."""
    kept = picture.picture
    picture.delete()
    transaction.on_commit(lambda: pictures.delete_files(kept["key"], kept["widths"]))


@transaction.atomic
def remove(post: Post) -> None:
    """Delete a text and the files of its pictures."""
    organization_id, cover = post.organization_id, post.cover
    for picture in post.pictures.all():
        remove_picture(picture)
    post.delete()
    if cover:
        transaction.on_commit(lambda: pictures.delete_files(cover["key"], cover["widths"]))
    page_cache.invalidate(organization_id)


def found(organization: Organization, words: tuple[str, ...], *, now: datetime, most: int):
    """Give the visible texts with all of these words, the best first, in one query."""
    if not words:
        return []
    parameters = {
        "organization": organization.pk,
        "configuration": search.CONFIGURATIONS[organization.language],
        "query": search.written(words),
        "now": now,
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIND, parameters)
        return [dict(zip(_FOUND, row, strict=True)) for row in cursor.fetchall()]


_FOUND = ("kind", "slug", "title", "summary", "cover", "published_at")
_FIND = """
SELECT kind, slug, title, summary, cover, published_at FROM shop_post,
    to_tsquery(%(configuration)s::regconfig, %(query)s::text) AS query
WHERE organization_id = %(organization)s::uuid AND search @@ query AND status = 'published'
    AND published_at <= %(now)s::timestamptz
ORDER BY ts_rank(search, query) DESC, published_at DESC, id DESC LIMIT %(most)s::int
"""
