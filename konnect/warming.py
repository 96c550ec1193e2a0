"""What every process of the web server needs, read before the server forks.

The processes share the memory, and no visitor waits for it.
"""

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from matching.services.question_meaning import load_model


def warm_up() -> None:
    """Read the model, all views and addresses, and the catalogues; asks no database."""
    load_model()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            reverse("home")
