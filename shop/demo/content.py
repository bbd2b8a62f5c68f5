"""What a demo shop tells: its articles and rituals, its banner, its menu and its home page."""

from datetime import datetime, timedelta

from shop import content, front
from shop.demo.gallery import Gallery
from shop.models import (
    Banner,
    Category,
    HomeBlock,
    MenuItem,
    Organization,
    Post,
    PostCategory,
    PostItem,
    PostPicture,
    Variant,
)


def write(organization: Organization, text: dict, gallery: Gallery, *, now: datetime) -> None:
    """Write and publish what is written down for a shop (see texts.py); nothing when nothing is."""
    subjects = {
        written["slug"]: PostCategory.objects.create(
            organization=organization, position=position, **written
        )
        for position, written in enumerate(text.get("subjects", ()))
    }
    for written in text.get("posts", ()):
        _write_post(organization, written, subjects, gallery, now)
    if "banner" in text:
        Banner.objects.create(organization=organization, is_demo=True, **text["banner"])
    _write_menu(organization, text.get("menu", ()))
    for position, written in enumerate(text.get("blocks", ())):
        HomeBlock.objects.create(
            organization=organization, position=position, is_demo=True, **written
        )
    if text:
        front.publish(organization, now=now)


def _write_post(organization, written: dict, subjects: dict, gallery: Gallery, now) -> None:
    words = ("kind", "slug", "title", "summary", "author")
    post = Post(
        organization=organization,
        **{name: written[name] for name in words},
        body=written["body"].strip(),
        steps=written.get("steps", "").strip(),
        minutes=written.get("minutes"),
        tags=written["tags"],
        category=subjects[written["subject"]],
        cover=gallery.of(("post", written["slug"]), description=written["title"]),
        status=Post.Status.PUBLISHED,
        published_at=now - timedelta(days=written["days_ago"], hours=3),
        is_demo=True,
    )
    post.full_clean(exclude=["organization", "category"])
    post.save()
    for position, sku in enumerate(written.get("items", ())):
        variant = Variant.objects.get(organization=organization, sku=sku)
        PostItem.objects.create(post=post, variant=variant, position=position)
    content.refresh(post)


def _write_menu(organization, items, parent: MenuItem | None = None) -> None:
    for position, written in enumerate(items):
        target = (
            {"kind": "page", "page": written["page"]}
            if "page" in written
            else {
                "kind": "category",
                "category": Category.objects.get(
                    organization=organization, slug=written["category"]
                ),
            }
        )
        item = MenuItem.objects.create(
            organization=organization,
            parent=parent,
            position=position,
            label=written.get("label", ""),
            is_demo=True,
            **target,
        )
        _write_menu(organization, written.get("children", ()), item)


def remove(organization: Organization) -> list[dict]:
    """Take the demo's texts and surroundings out again; gives the pictures whose files go too."""
    demo = Post.objects.filter(is_demo=True)
    files = [cover for cover in demo.values_list("cover", flat=True) if cover]
    files += PostPicture.objects.filter(post__in=demo).values_list("picture", flat=True)
    # Those without texts from before are of somebody who is about to write.
    subjects = list(PostCategory.objects.filter(posts__in=demo).values_list("pk", flat=True))
    demo.delete()
    PostCategory.objects.filter(pk__in=subjects, posts__isnull=True).delete()
    was_published = front.published(organization) != front.NOTHING
    for model in (Banner, MenuItem, HomeBlock):
        model.objects.filter(is_demo=True).delete()
    if was_published:
        front.publish(organization, now=organization.front.published_at)
    return files
