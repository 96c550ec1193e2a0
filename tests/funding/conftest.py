"""What tests of the funding app share."""

import pytest


@pytest.fixture
def own_media(settings, tmp_path):
    """Keep uploaded files in a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
