"""The bare limit as an application: no middleware at all."""

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

django.setup()
# Only now: some applications refuse to load without the middleware they know.
settings.MIDDLEWARE = []
application = WSGIHandler()
