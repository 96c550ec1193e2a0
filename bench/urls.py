"""The portal's addresses, a view that does nothing but answer, and a plain page of the ORM."""

from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.urls import include, path

from matching.models import Profile, SuggestionList

BODY = {"bytes": b"", "reader": 0}
PLAIN = """<!doctype html><html lang="en"><head><title>Suggestions</title></head><body><ol>
{% for person in people %}<li class="card"><h2><a href="{{ person.get_absolute_url }}">
{{ person.display_name }}</a></h2><p>{{ person.position }}</p>
<p>{{ person.organisation.name }}, {{ person.organisation.country_code }}</p>
<p>{{ person.summary_en|truncatewords:30 }}</p><p>{{ person.career_stage }}</p></li>{% endfor %}
</ol></body></html>"""


def bare(request: HttpRequest) -> HttpResponse:
    """Return the same bytes as the page that it is compared with."""
    return HttpResponse(BODY["bytes"])


def plain(request: HttpRequest) -> HttpResponse:
    """Show twenty suggested people as a first version would: two queries, a template, no cache."""
    row = SuggestionList.objects.get(profile_id=BODY["reader"], match_run__state="published")
    people = Profile.objects.filter(pk__in=row.partner_ids[:20])
    page = Template(PLAIN) if not TEMPLATES else TEMPLATES[0]
    TEMPLATES[:] = [page]
    shown = people.select_related("organisation", "user")
    return HttpResponse(page.render(Context({"people": shown})))


TEMPLATES: list[Template] = []
urlpatterns = [
    path("bare/", bare),
    path("plain/", plain),
    path("", include("konnect.urls")),
]
