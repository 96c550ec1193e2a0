"""What search looks in: one row a thing and audience, made from what that audience may read.

Triggers (migration 0009) make the rows and empty them in the transaction that changes the thing:
nothing is ever found by a word that its reader may no longer read. The worker fills them again.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from pgvector.django import HalfVectorField, HnswIndex

from matching.models.listing import Listing
from matching.models.organisation import Organisation
from matching.models.profile import Profile
from matching.models.saved_search import SearchKind


class SearchAudience(models.TextChoices):
    """Who searches in a row: organisations and listings have one for everybody, people have two."""

    PUBLIC = "public", _("Anybody on the web")
    MEMBER = "member", _("A member of the portal")


# The rows that there are.
PLACES = (
    ("people", "member"),
    ("people", "public"),
    ("organisations", "public"),
    ("listings", "public"),
)


class SearchEntry(models.Model):
    """A person, an organisation or a listing as one audience can find it."""

    kind = models.CharField(max_length=15, choices=SearchKind)
    audience = models.CharField(max_length=6, choices=SearchAudience)
    profile = models.ForeignKey(Profile, models.CASCADE, null=True, related_name="search_entries")
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, related_name="search_entries"
    )
    listing = models.ForeignKey(Listing, models.CASCADE, null=True, related_name="search_entries")
    # Pieces of words, names, initial consonants and romanisations, with weights A to D.
    words = SearchVectorField()
    # The texts themselves, one a line: where the words were found.
    texts = models.TextField(blank=True, default="")
    # The texts' meaning; none until the worker has embedded it.
    meaning = HalfVectorField(dimensions=512, null=True)
    embedder = models.CharField(max_length=60, blank=True)
    # "area:nano", "country:KR", "stage:R3": what the facets count.
    facets = ArrayField(models.CharField(max_length=80), default=list)
    # By what lists are sorted: confirmed last, first published, name in each language.
    freshness = models.DateTimeField(null=True)
    appeared_at = models.DateTimeField(null=True)
    sort_en = models.CharField(max_length=100, blank=True, db_collation="C")
    sort_ko = models.CharField(max_length=100, blank=True, db_collation="C")
    # In which way the row was made; 0: not yet, or its thing has changed.
    scheme = models.SmallIntegerField(db_default=0)
    # How often its thing has changed: what was read before a change is not written after it.
    changes = models.IntegerField(db_default=0)
    indexed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        indexes = [
            GinIndex(fields=["words"], name="search_entry_words"),
            GinIndex(fields=["facets"], name="search_entry_facets"),
            models.Index(fields=["scheme"], name="search_entry_scheme"),
            models.Index(fields=["embedder"], name="search_entry_embedder"),
            models.Index(fields=["kind", "audience", "indexed_at"], name="search_entry_indexed"),
            models.Index(
                "kind", "audience", models.F("freshness").desc(nulls_last=True), "id",
                name="search_entry_freshness",
            ),
            models.Index(
                "kind", "audience", models.F("appeared_at").desc(nulls_last=True), "id",
                name="search_entry_appeared",
            ),
            models.Index(fields=["kind", "audience", "sort_en", "id"], name="search_entry_english"),
            models.Index(fields=["kind", "audience", "sort_ko", "id"], name="search_entry_korean"),
            *(
                HnswIndex(
                    fields=["meaning"], opclasses=["halfvec_ip_ops"],
                    condition=models.Q(kind=kind, audience=audience),
                    name=f"search_entry_{kind[:6]}_{audience}",
                )
                for kind, audience in PLACES
            ),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(
                fields=["audience", "profile", "organisation", "listing"],
                name="search_entry_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind="people", profile__isnull=False, organisation=None, listing=None
                )
                | models.Q(
                    kind="organisations", profile=None, organisation__isnull=False, listing=None
                )
                | models.Q(
                    kind="listings", profile=None, organisation=None, listing__isnull=False
                ),
                name="search_entry_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class FacetCount(models.Model):
    """How many rows of one kind and audience have a value: sums, and what was added since.

    Written by triggers of the search entries alone (migration 0015), a line a change, so that
    nobody waits for anybody; the worker adds the lines together. "" counts the rows themselves.
    """

    kind = models.CharField(max_length=15, choices=SearchKind)
    audience = models.CharField(max_length=6, choices=SearchAudience)
    value = models.CharField(max_length=80, blank=True)
    rows = models.IntegerField()
    is_sum = models.BooleanField(db_default=False)

    class Meta:
        verbose_name = _("count of a facet")
        verbose_name_plural = _("counts of facets")
        indexes = [
            models.Index(fields=["kind", "audience"], name="facet_counts"),
            models.Index(
                fields=["id"], condition=models.Q(is_sum=False), name="facet_counts_since"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}: {self.rows}"
