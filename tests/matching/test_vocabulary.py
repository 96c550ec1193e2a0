"""The shipped areas and topics."""

import re
from collections import Counter

from matching.models import Area, Topic
from matching.services.vocabulary import load_vocabulary


def test_vocabulary_after_migration_has_every_area(db):
    codes = list(Area.objects.order_by("position").values_list("code", flat=True))

    assert codes == ["ICT", "NANO", "GREEN", "HEALTH", "OTHER"]


def test_vocabulary_has_thirty_topics_an_area(db):
    counts = Counter(Topic.objects.values_list("area__code", flat=True))

    assert counts == {"ICT": 30, "NANO": 30, "GREEN": 30, "HEALTH": 30}


def test_topic_names_are_unique_in_each_language(db):
    names_en = list(Topic.objects.values_list("name_en", flat=True))
    names_ko = list(Topic.objects.values_list("name_ko", flat=True))

    assert len(set(names_en)) == len(names_en) == 120
    assert len(set(names_ko)) == len(names_ko) == 120


def test_topic_names_are_written_in_their_language(db):
    without_hangul = [
        topic.code
        for topic in Topic.objects.exclude(code="nano.mems")
        if not re.search("[가-힣]", topic.name_ko) or re.search("[가-힣]", topic.name_en)
    ]

    assert without_hangul == []


def test_vocabulary_loaded_twice_changes_nothing(db):
    before = list(Topic.objects.order_by("pk").values())

    load_vocabulary()

    assert list(Topic.objects.order_by("pk").values()) == before


def test_vocabulary_load_restores_a_shipped_name(db):
    Topic.objects.filter(code="ict.6g").update(name_ko="육지")

    load_vocabulary()

    assert Topic.objects.get(code="ict.6g").name_ko == "6G 이동통신"


def test_vocabulary_is_there_after_a_flush(transactional_db):
    assert Topic.objects.count() == 120
