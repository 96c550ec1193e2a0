"""The portal's settings with one more address, the bare view, and time for large statements."""

from konnect.settings import *  # noqa: F403 - all of them, and a few changed
from konnect.settings import DATABASES

ROOT_URLCONF = "bench.urls"
LOGGING = {"version": 1, "disable_existing_loggers": False}
# A portal's page may not take a minute; a hundred thousand made people may. The last word counts.
DATABASES["default"]["OPTIONS"]["options"] += " -c statement_timeout=0"
