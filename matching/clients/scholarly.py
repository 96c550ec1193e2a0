"""ORCID, OpenAlex and Crossref: which addresses, which parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from matching.clients.http import Service, ServiceError

ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
WORKS_A_PAGE = 100
MOST_PAGES = 3
WORK_FIELDS = "id,doi,title,display_name,publication_year,primary_location,abstract_inverted_index"


def checked(orcid: str) -> str:
    """Return the iD if it has the shape of one: it becomes part of an address.

    Raises:
        ServiceError: it has not.
    """
    if not ORCID.fullmatch(orcid):
        raise ServiceError("unknown")
    return orcid


@dataclass
class OrcidClient:
    """The public API of ORCID, version 3.0."""

    service: Service

    def record(self, orcid: str) -> Any:
        """Return the public record of an iD.

        Raises:
            ServiceError: there is none, or ORCID does not answer as it should.
        """
        return self.service.get("v3.0", checked(orcid), "record")


@dataclass
class OpenAlexClient:
    """The API of OpenAlex; a key raises its limits."""

    service: Service

    def author(self, orcid: str) -> Any:
        """Return the author that OpenAlex takes for the owner of an iD.

        Raises:
            ServiceError: there is none, or OpenAlex does not answer as it should.
        """
        return self.service.get("authors", f"orcid:{checked(orcid)}")

    def works_of(self, orcid: str) -> Iterator[Any]:
        """Yield the newest works of the owner of an iD, page by page.

        Raises:
            ServiceError: OpenAlex does not answer as it should.
        """
        cursor: Any = "*"
        for _page in range(MOST_PAGES):
            answer = self.works(f"author.orcid:{checked(orcid)}", cursor=cursor)
            yield from results_of(answer)
            meta = answer.get("meta")
            cursor = meta.get("next_cursor") if isinstance(meta, dict) else None
            if not isinstance(cursor, str) or not cursor:
                return

    def works_by_doi(self, dois: list[str]) -> list[Any]:
        """Return the works with these DOIs, at most fifty.

        Raises:
            ServiceError: OpenAlex does not answer as it should.
        """
        # The bar separates the values of a filter, the comma the filters.
        plain = [doi for doi in dois if "|" not in doi and "," not in doi]
        return results_of(self.works("doi:" + "|".join(plain))) if plain else []

    def works(self, filters: str, *, cursor: str = "*") -> dict[str, Any]:
        """Return one page of works.

        Raises:
            ServiceError: OpenAlex does not answer as it should.
        """
        answer = self.service.get(
            "works",
            parameters={
                "filter": filters, "per-page": WORKS_A_PAGE, "cursor": cursor,
                "select": WORK_FIELDS, "sort": "publication_year:desc",
            },
        )  # fmt: skip
        if not isinstance(answer, dict):
            raise ServiceError("garbled")
        return answer


def results_of(answer: dict[str, Any]) -> list[Any]:
    """Return the rows of one page."""
    found = answer.get("results")
    return found if isinstance(found, list) else []


@dataclass
class CrossrefClient:
    """The API of Crossref."""

    service: Service

    def work(self, doi: str) -> Any:
        """Return what is registered under a DOI.

        Raises:
            ServiceError: nothing is, or Crossref does not answer as it should.
        """
        return self.service.get("works", doi)
