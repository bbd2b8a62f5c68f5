#!/usr/bin/env python
"""Run a Kaiu command; the embedded database and broker start when none is configured."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    execute_from_command_line(sys.argv)
