"""Applications, reviews, a panel and a grant, all Minji's, with words that are hard to set."""

from django.urls import reverse

from funding.models import Application
from tests.flows.application_access import application_things
from tests.flows.funding_pages import PAGES_OF_FUNDING
from tests.flows.grant_access import grant_things
from tests.flows.panel_access import panel_things
from tests.flows.review_access import review_things

LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


def set_funding_stage(minji):
    """Write something for every page; return the addresses of the pages."""
    things = application_things(minji) | review_things(minji) | panel_things(minji)
    things |= grant_things(minji)
    Application.objects.update(title=LONG_WORD)
    return [reverse(name, args=things.get(name, [])) for name in PAGES_OF_FUNDING]
