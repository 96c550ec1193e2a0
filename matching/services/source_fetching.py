"""Fetching what was asked for: claim a look, read the source, say what became of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from konnect.accounts.doorbell import ring_now
from matching.clients import (
    CrossrefClient,
    OpenAlexClient,
    OrcidClient,
    Service,
    ServiceError,
)
from matching.models import Source, SourceRequest, SourceRequestState
from matching.services.source_requests import TASK
from matching.sources import FoundWork, Reading, Refused, WrongRecordError, row_of
from matching.sources.bibtex import read_bibtex
from matching.sources.crossref import read_work
from matching.sources.doi_list import read_dois
from matching.sources.openalex import read_author, work_of
from matching.sources.orcid import read_record
from matching.sources.ris import read_ris

logger = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=10)
MOST_PROPOSALS = 600
MOST_REFUSED = 200
# What a reader that meets something unheard of ends with; asking again would not help.
BROKEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def look_at_due_source() -> bool:
    """Fetch for the look that has been due for longest; say whether there was one.

    One at a time, then the bell rings for the next: a slow service must not keep other work from
    this worker. Any number of workers may do this, and each may die at any point: a look that
    was claimed and not finished is due again when its lease ends.
    """
    bury_exhausted_looks()
    look = claim_due_look()
    if look is None:
        return False
    try:
        finish(look, read(look))
    except WrongRecordError:
        give_up(look, "wrong_record")
    except ServiceError as error:
        put_off(look, error)
    if SourceRequest.objects.due().exists():
        ring_now(TASK)
    return True


def bury_exhausted_looks() -> None:
    """Give up what was tried often enough, also where the worker died in the last try."""
    exhausted = SourceRequest.objects.due().filter(tries__gte=SourceRequest.MAXIMUM_TRIES)
    exhausted.filter(problem="").update(problem="exhausted")
    exhausted.update(state=SourceRequestState.FAILED, ended_at=Now())


@transaction.atomic
def claim_due_look() -> SourceRequest | None:
    """Lease the look that has been due for longest, so that no other worker takes it."""
    due = SourceRequest.objects.due().filter(tries__lt=SourceRequest.MAXIMUM_TRIES)
    look = due.select_for_update(skip_locked=True).order_by("next_try_at", "pk").first()
    if look is None:
        return None
    look.tries += 1
    SourceRequest.objects.filter(pk=look.pk).update(
        tries=F("tries") + 1, next_try_at=Now() + SourceRequest.LEASE
    )
    return look


def claimed(look: SourceRequest) -> dict[str, object]:
    """Return the filter of a look that is still ours: neither dropped nor claimed by another."""
    return {"pk": look.pk, "state": SourceRequestState.WAITING, "tries": look.tries}


def finish(look: SourceRequest, reading: Reading) -> None:
    """Write what was found, for the person to choose from."""
    SourceRequest.objects.filter(**claimed(look)).update(
        state=SourceRequestState.READY,
        found=[row_of(each) for each in reading.proposals[:MOST_PROPOSALS]],
        refused=[
            {"line": each.line, "reason": each.reason, "excerpt": each.excerpt}
            for each in reading.refused[:MOST_REFUSED]
        ],
        problem="",
        ended_at=Now(),
    )


def give_up(look: SourceRequest, code: str) -> None:
    """Write why asking again would not help."""
    SourceRequest.objects.filter(**claimed(look)).update(
        state=SourceRequestState.FAILED, problem=code, ended_at=Now()
    )


def put_off(look: SourceRequest, error: ServiceError) -> None:
    """Try again after a growing pause, or as long as the service asks for; or give up."""
    logger.warning("Look %s at %s: %s", look.pk, look.source, error.code)
    if not error.is_temporary or look.tries >= SourceRequest.MAXIMUM_TRIES:
        give_up(look, error.code)
        return
    pause = max(pause_after(look.tries), error.retry_after or timedelta(0))
    SourceRequest.objects.filter(**claimed(look)).update(
        problem=error.code, next_try_at=Now() + pause
    )


def pause_after(tries: int) -> timedelta:
    """Return the wait before the next try: 10 s, 20 s, 40 s, 80 s."""
    return FIRST_PAUSE * 2 ** (tries - 1)


def read(look: SourceRequest) -> Reading:
    """Return what the source says.

    Raises:
        ServiceError: it does not answer as it should.
        WrongRecordError: it answers about somebody else.
    """
    try:
        return READERS[Source(look.source)](look.asked)
    except BROKEN as error:
        logger.exception("Look %s at %s cannot be read", look.pk, look.source)
        raise ServiceError("exhausted") from error


def read_orcid(orcid: str) -> Reading:
    """Return what the person's public ORCID record says."""
    record = OrcidClient(service(settings.ORCID_API)).record(orcid)
    return read_record(record, orcid=orcid, today=timezone.now().date())


def read_openalex(orcid: str) -> Reading:
    """Return what OpenAlex says of the owner of an iD."""
    client = OpenAlexClient(service(settings.OPENALEX_API, settings.OPENALEX_KEY))
    return read_author(client.author(orcid), client.works_of(orcid), orcid=orcid)


def read_works_by_doi(content: str) -> Reading:
    """Return the works with the listed DOIs; what OpenAlex lacks, Crossref may know."""
    lines, refused = read_dois(content)
    works = known_to_openalex(list(lines))
    crossref = CrossrefClient(service(settings.CROSSREF_API))
    for doi in lines:
        work = works.get(doi) or known_to_crossref(crossref, doi)
        if work:
            works[doi] = work
        else:
            refused.append(Refused(lines[doi], "unknown_doi", doi))
    ordered = sorted(refused, key=lambda each: each.line)
    return Reading(tuple(works[doi] for doi in lines if doi in works), tuple(ordered))


def known_to_openalex(dois: list[str]) -> dict[str, FoundWork]:
    """Return works by DOI, with one question; none when OpenAlex is away: Crossref knows most."""
    try:
        rows = OpenAlexClient(service(settings.OPENALEX_API, settings.OPENALEX_KEY)).works_by_doi(
            dois
        )
    except ServiceError as error:
        logger.warning("OpenAlex: %s", error.code)
        return {}
    found = [work for row in rows if (work := work_of(row))]
    return {work.doi: work for work in found if work.doi in set(dois)}


def known_to_crossref(client: CrossrefClient, doi: str) -> FoundWork | None:
    """Return the work that Crossref registers under a DOI.

    Raises:
        ServiceError: Crossref does not answer as it should.
        WrongRecordError: it answers about another DOI.
    """
    try:
        return read_work(client.work(doi), doi=doi)
    except ServiceError as error:
        if error.code == "unknown":
            return None
        raise


def service(base: str, key: str = "") -> Service:
    """Return a service at an address of the settings; no other is ever asked."""
    return Service(base, key=key, agent=" ".join(signature()))


def signature() -> Iterator[str]:
    """Return how the portal names itself to services, as they ask for."""
    yield "KONNECT"
    contact = settings.OPERATOR["email"]
    yield f"({settings.SITE_URL}{f'; mailto:{contact}' if contact else ''})"


READERS = {
    Source.ORCID: read_orcid,
    Source.OPENALEX: read_openalex,
    Source.BIBTEX: read_bibtex,
    Source.RIS: read_ris,
    Source.DOI: read_works_by_doi,
}
