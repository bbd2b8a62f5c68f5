"""Settings of a sockets' server that stands in the database of the test that started it."""

import os

from config.settings_test import *  # noqa: F403

DATABASES["default"]["NAME"] = os.environ["FLOWS_DATABASE"]  # noqa: F405
# It serves the files of the pages as well, from where they are written.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
