"""The lines of docs/api.md, run as they stand against a live server."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from konnect.accounts.services.api_tokens import create_api_token
from tests.processes import PATIENCE

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "api.md"
LINES = re.findall(r"^curl .+$", DOCUMENT.read_text(), re.MULTILINE)


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_examples_of_the_document_work(live_server, minji):
    _row, token = create_api_token(minji.user, actor=minji.user, name="document", scope="write")
    answers = {}

    for line in LINES:
        asked = line.replace("https://konnect.example", live_server.url).replace("$TOKEN", token)
        command = [*shlex.split(asked), "-w", "\n%{http_code} %{content_type}"]
        found = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=PATIENCE
        )
        answers[line] = found.stdout.rsplit("\n", 1)[1]

    assert len(LINES) >= 8
    assert set(answers.values()) <= {"200 application/json", "201 application/json"}, answers
