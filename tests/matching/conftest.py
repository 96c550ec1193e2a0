"""The language models, loaded once a process."""

import pytest

from matching.embedding import EnglishEmbedder, MultilingualEmbedder


@pytest.fixture(scope="session")
def minilm():
    """The model for English texts."""
    return EnglishEmbedder()


@pytest.fixture(scope="session")
def multilingual():
    """The model for every text."""
    return MultilingualEmbedder()
