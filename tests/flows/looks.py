"""Looks at other sources in every state, for tests that look at all pages."""

from datetime import timedelta

from django.utils import timezone

from matching.sources import row_of
from matching.sources.orcid import read_record
from tests.matching import orcid_records


def looks_of(profile, long_word):
    """Write a look in every state; return their ids under names of the states."""
    works = [
        orcid_records.work(f"{long_word} {number}", doi=f"10.1000/{number}", code=number)
        for number in range(14)
    ]
    record = orcid_records.record(works={"group": works})
    found = read_record(record, orcid=orcid_records.ORCID, today=timezone.now().date())
    now = timezone.now()
    states = {
        "orcid": {
            "state": "ready", "asked": orcid_records.ORCID, "ended_at": now,
            "found": [row_of(each) for each in found.proposals],
            "refused": [{"line": 3, "reason": "no_title", "excerpt": long_word}],
        },
        "openalex": {
            "state": "waiting", "problem": "unwell", "tries": 1,
            "next_try_at": now + timedelta(hours=1),
        },
        "doi": {"state": "failed", "problem": "garbled", "asked": "10.1000/1"},
        "ris": {"state": "taken", "found": {"undo": {}, "seen": []}, "ended_at": now},
        "bibtex": {"state": "dropped"},
    }  # fmt: skip
    return {
        f"look_{columns['state']}": profile.source_requests.create(source=source, **columns).pk
        for source, columns in states.items()
    }
