"""Pages and API, served by granian."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# Its addresses import models, which are ready only now.
from config import settling  # noqa: E402

settling.settle()
