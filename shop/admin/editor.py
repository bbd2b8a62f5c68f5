"""The small editor of long texts: marks that one can also type, and products to be found."""

from django.template.loader import render_to_string
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextareaWidget


class EditorWidget(UnfoldAdminTextareaWidget):
    """A text area with buttons that write the marks of config/lib/markup.py."""

    class Media:
        css = {"all": ["css/pages/admin-content.css"]}
        js = ["js/admin-editor.js"]

    def render(self, name, value, attrs=None, renderer=None):
        attrs = {**(attrs or {}), "data-editor": "", "rows": 18, "spellcheck": "true"}
        area = super().render(name, value, attrs, renderer)
        context = {"area": area, "find_url": reverse("admin:shop_post_find")}
        return render_to_string("admin/shop/_editor.html", context)
