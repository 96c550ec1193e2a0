"""Files of applications: what is taken, what is refused in words, and how they go out."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from funding.models import Document
from funding.services.documents import path_of
from tests.funding.application_stage import draft_without_confirmation, pdf
from tests.funding.read_pages import text_of, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_media")]


def upload(client, application, name, content, kind="description"):
    file = SimpleUploadedFile(name, content, content_type="application/pdf")
    data = {"kind": kind, "file": file}
    return client.post(url("application_documents", application.pk), data)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    (
        ("work.docx", b"pdf", "does not end in .pdf"),
        ("work.pdf", b"PK\x03\x04", "not a PDF"),
        ("work.pdf", b"%PDF-1.7\n", "incomplete or damaged"),
        ("work.pdf", b"", "empty"),
        ("work.pdf", b"%PDF-1.7 X5O!P%@AP[4\\PZX54(P^)7CC)7}$"
                     b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*", "virus"),
        ("work.pdf", b"%PDF-1.7\n" + b"0" * (10 * 1024 * 1024), "larger than 10 MB"),
    ),
)  # fmt: skip
def test_a_bad_file_is_refused_in_words(client_of, name, content, words):
    application, _partner = draft_without_confirmation(with_document=False)
    content = pdf() if content == b"pdf" else content

    answer = upload(client_of(application.lead), application, name, content)

    assert words in text_of(answer)
    assert not Document.objects.exists()


def test_two_hundred_megabytes_are_refused_before_they_are_read(client_of):
    application, _partner = draft_without_confirmation(with_document=False)

    class Body:
        """A body that nobody may read."""

        def read(self, *_size):
            raise AssertionError("somebody read it")

        readline = read

    answer = client_of(application.lead).generic(
        "POST", url("application_documents", application.pk), b"",
        content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": str(200 * 1024 * 1024), "wsgi.input": Body()},
    )  # fmt: skip

    assert answer.status_code == 413
    assert "larger than 10 MB" in text_of(answer)


def test_forged_uploads_are_still_refused():
    application, _partner = draft_without_confirmation(with_document=False)
    client = Client(enforce_csrf_checks=True)
    client.force_login(application.lead.user)

    assert upload(client, application, "work.pdf", pdf()).status_code == 403


def test_a_hangul_name_in_pieces_is_put_together_and_goes_out_neutral(client_of):
    application, _partner = draft_without_confirmation(with_document=False)
    client = client_of(application.lead)
    upload(client, application, "연구계획서.PDF", pdf())

    document = Document.objects.get()
    assert document.name == "연구계획서.PDF"
    assert document.pages == 1
    sent = client.get(url("application_document", application.pk, document.key))
    assert sent["Content-Disposition"].startswith('inline; filename="application-')
    assert sent["Content-Disposition"].endswith('-description.pdf"')
    assert sent.content == path_of(document.key).read_bytes()
    assert path_of(document.key).stat().st_mode & 0o077 == 0


def test_another_description_takes_the_place_of_the_first(client_of):
    application, _partner = draft_without_confirmation()

    upload(client_of(application.lead), application, "second.pdf", pdf(title="Second"))

    assert [each.name for each in Document.objects.filter(removed_at=None)] == ["second.pdf"]
