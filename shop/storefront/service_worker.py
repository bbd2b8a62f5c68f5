"""The script that keeps a shop useful without a network, and what it must know to do so."""

import hashlib
import json
from functools import cache

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

# What the pages last seen need to look right; the rest is kept when it is first used.
_SHELL = (
    "css/tokens.css",
    "css/base.css",
    "css/components/frame.css",
    "css/components/controls.css",
    "css/components/cards.css",
    "css/components/added.css",
    "css/pages/home.css",
    "css/pages/list.css",
    "css/pages/product.css",
    "js/fragments.js",
    "js/menu.js",
    "js/search.js",
    "js/offline.js",
    "vendor/newsreader-5.3.0/newsreader-latin.woff2",
    "vendor/figtree-5.3.0/figtree-latin.woff2",
)


@cache
def script() -> str:
    """Give the script under a version that changes with it and with any file of the shell."""
    written = (settings.BASE_DIR / "static" / "js" / "sw.js").read_text()
    assets = [staticfiles_storage.url(name) for name in _SHELL]
    digest = hashlib.blake2b("\n".join([written, *assets]).encode(), digest_size=8).hexdigest()
    return f"self.RELEASE = {json.dumps({'version': digest, 'assets': assets})};\n{written}"
