"""What search engines read of a call's page: schema.org/MonetaryGrant in JSON-LD."""

from __future__ import annotations

from funding.models import Call
from funding.money import to_major
from matching.linked_data import CONTEXT, Data, address, filled


def call_data(call: Call) -> Data:
    """Return a call as anybody on the web sees it; {} for one that was never published.

    Commitments with their funders are read once, or taken as they were read before.
    """
    if call.approved_at is None or call.state in ("draft", "in_approval"):
        return {}
    commitments = list(call.commitments.all())
    amounts = [
        {
            "@type": "MonetaryAmount",
            "currency": each.currency,
            "value": str(to_major(each.budget_minor, each.currency)),
        }
        for each in commitments
    ]
    funders = [
        filled(
            {
                "@type": "GovernmentOrganization",
                "name": str(each.funder),
                "url": each.funder.website,
            }
        )
        for each in commitments
    ]
    return filled(
        {
            "@context": CONTEXT,
            "@type": "MonetaryGrant",
            "@id": address(call.get_absolute_url()),
            "url": address(call.get_absolute_url()),
            "identifier": call.number,
            "name": str(call),
            "alternateName": [
                text for text in (call.title_en, call.title_ko) if text and text != str(call)
            ],
            "description": call.summary,
            "amount": amounts,
            "funder": funders,
        }
    )
