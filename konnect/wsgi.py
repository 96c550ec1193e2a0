"""The WSGI entry point of the portal."""

import os

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "konnect.settings")

application = get_wsgi_application()
# What it reads can be read only now that Django is set up.
import_string("konnect.warming.warm_up")()
