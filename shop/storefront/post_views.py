"""The blog and the rituals: shared pages like those of the catalogue, and the feed."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.lib.skeletons import Skeleton

from .. import addresses, page_cache, previews
from ..models import Post, PostCategory
from . import post_page, posts, seo, shell

_IN_FEED = 20
_chip = Skeleton("components/chip.html")


@require_safe
def blog(request):
    heading, intro = _("Blog"), _("What we learn about what we sell, told calmly.")
    return _list(request, Post.objects.filter(kind="article"), addresses.BLOG, heading, intro)


@require_safe
def rituals(request):
    intro = _("Small things to do step by step, with what you need for them.")
    chosen = Post.objects.filter(kind="ritual")
    return _list(request, chosen, addresses.RITUALS, _("Rituals"), intro)


@require_safe
def category(request, slug):
    found = get_object_or_404(PostCategory, slug=slug)
    path = addresses.post_category(slug)
    return _list(request, found.posts.all(), path, found.name, found.description)


@require_safe
def tag(request, slug):
    chosen = Post.objects.filter(tag_slugs__contains=[slug])
    named = chosen.visible(timezone.now()).values_list("tags", "tag_slugs").first()
    if named is None:
        raise Http404
    label = dict(zip(named[1], named[0], strict=False)).get(slug, slug)
    return _list(request, chosen, addresses.post_tag(slug), label, "")


def _list(request, chosen, path, heading, intro):
    page = posts.page(chosen, request.GET.get("desde", ""), now=timezone.now())
    above = [] if path == addresses.BLOG else [(_("Blog"), addresses.BLOG)]
    if path == addresses.RITUALS:
        above = []
    trail = [(_("Home"), addresses.HOME), *above, (heading, "")]
    subjects = PostCategory.objects.values_list("slug", "name")
    subjects = [(addresses.post_category(slug), name) for slug, name in subjects]
    context = {
        "heading": heading,
        "intro": intro,
        "cards": posts.cards(page.rows, eager=1),
        "subjects": [
            {"label": label, "url": url, "is_current": url == path}
            for url, label in [
                (addresses.BLOG, _("Blog")),
                (addresses.RITUALS, _("Rituals")),
                *subjects,
            ]
        ],
        "breadcrumbs": trail,
        "page_title": f"{heading} · {request.organization.name}",
        "page_description": intro or request.organization.tagline,
        "next_url": _turned(path, page.next),
        "previous_url": _turned(path, page.previous),
        "feed_url": addresses.BLOG_FEED,
    }
    answer = shell.shared_page(
        request,
        "shop/blog/list.html",
        context,
        path=path,
        structured=[seo.breadcrumbs(request, trail)],
    )
    return page_cache.share(answer) if set(request.GET) <= {"desde"} else answer


def _turned(path: str, cursor: str) -> str:
    return addresses.with_query(path, [("desde", cursor)]) if cursor else ""


@require_safe
def article(request, slug):
    return _post(request, Post.Kind.ARTICLE, slug)


@require_safe
def ritual(request, slug):
    return _post(request, Post.Kind.RITUAL, slug)


def _post(request, kind, slug):
    now = timezone.now()
    visible = Post.objects.visible(now).select_related("category")
    post = get_object_or_404(visible.defer("search"), kind=kind, slug=slug)
    answer = page_of(request, post, now=now)
    return answer if request.GET else page_cache.share(answer)


def page_of(request, post: Post, *, now, is_preview: bool = False) -> HttpResponse:
    """Write the page of a post, whether the public may see it yet or not."""
    organization = request.organization
    context = post_page.context(organization, post, now=now)
    trail = post_page.trail(post)
    context |= {"breadcrumbs": trail, **post_page.neighbours(post, now=now)}
    if is_preview:
        context |= {"is_preview": True, "robots": "noindex"}
    if context["cover"]:
        largest = context["cover"].srcset.rpartition(", ")[2].partition(" ")[0]
        context["social_picture_url"] = seo.absolute(request, largest)
    structured = (
        []
        if is_preview
        else [
            seo.post(request, post, context),
            seo.breadcrumbs(request, trail),
        ]
    )
    path = addresses.post(post.kind, post.slug)
    return shell.shared_page(
        request, "shop/blog/post.html", context, path=path, structured=structured
    )


@never_cache
@require_safe
def preview(request, token):
    """Show a post as it will be, to whoever was given the link in the last seven days."""
    key = previews.read(request.organization, previews.POST, token)
    post = get_object_or_404(Post.objects.select_related("category"), pk=key)
    answer = page_of(request, post, now=timezone.now(), is_preview=True)
    answer["Cache-Control"] = "no-store, private"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_safe
def feed(request):
    """Give the newest articles and rituals to feed readers."""
    organization, now = request.organization, timezone.now()
    feed = Rss201rev2Feed(
        title=" · ".join((_("Blog"), organization.name)),
        link=seo.absolute(request, addresses.BLOG),
        description=organization.tagline or organization.name,
        language=get_language(),
        feed_url=seo.absolute(request, addresses.BLOG_FEED),
    )
    for row in posts.newest("", now=now, most=_IN_FEED):
        address = seo.absolute(request, addresses.post(row["kind"], row["slug"]))
        feed.add_item(
            title=row["title"],
            link=address,
            unique_id=address,
            description=row["summary"],
            pubdate=row["published_at"],
            categories=[row["category__name"]] if row["category__name"] else [],
        )
    written = feed.writeString("utf-8")
    return page_cache.share(
        HttpResponse(written, content_type="application/rss+xml; charset=utf-8")
    )
