"""Templates that are rendered once for each shape and then only filled.

Django's templates cost about five microseconds a variable, and a list has hundreds. But two cards
of one shape (both with a picture, both without an offer...) differ only in their words. So a
skeleton renders the template once for each shape it meets, with marks in place of the words, and
from then on puts the escaped words in place of the marks. What comes out is what the template
would have given: tests compare the two.

A template used this way may look at its values only to print them or to ask whether they are
there: `{{ name }}`, `{% if name %}`. It gets text and yes/no values, nothing else.
"""

from collections.abc import Iterable, Mapping
from html import escape

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

# Private-use characters that no text of ours may hold (they are control characters to a shop).
_OPEN, _CLOSE = "\ue000", "\ue001"
# Shapes are few; more than this means that somebody made a shape of free text.
_MOST_SHAPES = 2_000


class Skeleton:
    """A template that is rendered once for each shape of its values, then filled."""

    def __init__(self, template_name: str):
        self.template_name = template_name
        self._shapes: dict[tuple, str] = {}

    def fill(self, values: Mapping[str, str | bool]) -> SafeString:
        """Give what the template gives for these values."""
        return self.join([values])

    def join(self, rows: Iterable[Mapping[str, str | bool]]) -> SafeString:
        """Give the filled template of every row, one after the other."""
        language, shapes = get_language(), self._shapes
        filled = []
        for values in rows:
            shape = (language, *values, *[bool(value) for value in values.values()])
            skeleton = shapes.get(shape) or self._render(shape, values)
            filled.append(
                skeleton
                % {
                    name: value if isinstance(value, SafeString) else escape(str(value))
                    for name, value in values.items()
                }
            )
        # Every value is escaped above, unless it was marked safe before it came here.
        return mark_safe("".join(filled))  # noqa: S308

    def _render(self, shape: tuple, values: Mapping[str, str | bool]) -> str:
        marked = {
            name: (
                value
                if isinstance(value, bool)
                else mark_safe(f"{_OPEN}{name}{_CLOSE}")  # noqa: S308
                if value
                else ""
            )
            for name, value in values.items()
        }
        rendered = get_template(self.template_name).render(marked).replace("%", "%%")
        skeleton = rendered.replace(_OPEN, "%(").replace(_CLOSE, ")s")
        if len(self._shapes) >= _MOST_SHAPES:
            self._shapes.clear()
        self._shapes[shape] = skeleton
        return skeleton
