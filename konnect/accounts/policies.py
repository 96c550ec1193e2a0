"""The policies of the portal and their versions; consents name the version that was agreed to.

Whoever changes a text writes a new file `templates/pages/policies/<policy>-<version>.html`, adds
the version here with what changed, and leaves the earlier ones as they are: people agreed to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import ConsentPurpose

Words = str | Promise


@dataclass(frozen=True)
class PolicyVersion:
    """One version: its name in addresses and in the ledger, its first day, what it changed."""

    name: str
    effective_on: date
    changes: tuple[Words, ...] = ()


@dataclass(frozen=True)
class Policy:
    """One policy, the oldest version first; `purpose` is the consent that stands for it."""

    purpose: ConsentPurpose
    title: Words
    lead: Words
    versions: tuple[PolicyVersion, ...]

    @property
    def newest(self) -> PolicyVersion:
        """The version that new people agree to; it may come into force in some days only."""
        return self.versions[-1]

    def version(self, name: str) -> PolicyVersion | None:
        """Return the version of this name, if there is one."""
        return next((each for each in self.versions if each.name == name), None)

    def in_force(self, day: date | None = None) -> PolicyVersion:
        """Return the version that counts on a day, today unless said otherwise."""
        day = day or datetime.now(UTC).date()
        begun = [each for each in self.versions if each.effective_on <= day]
        return begun[-1] if begun else self.versions[0]

    def template(self, version: PolicyVersion) -> str:
        """Return the template of a version's text."""
        return f"pages/policies/{self.purpose}-{version.name}.html"


PRIVACY = Policy(
    purpose=ConsentPurpose.PRIVACY,
    title=_("Privacy policy"),
    lead=_(
        "Which data about you the portal keeps, why, for how long, who sees it, and what you can "
        "do. It follows the General Data Protection Regulation (GDPR) of the European Union and "
        "the Personal Information Protection Act (PIPA) of Korea."
    ),
    versions=(
        PolicyVersion("2026-11", date(2026, 11, 1), (_("The first version."),)),
        PolicyVersion(
            "2026-12",
            date(2026, 12, 1),
            (
                _("The table says for every kind of data how long it is kept and what becomes of it when you delete your account."),
                _("Accounts that nobody uses are asked after 12 months, hidden after 15 and deleted after 24."),
                _("You download a copy of your data and delete your account yourself, under “My data”."),
                _("When you delete your account, your contacts keep the conversations without your name."),
            ),
        ),
    ),
)  # fmt: skip
TERMS = Policy(
    purpose=ConsentPurpose.TERMS,
    title=_("Terms of use"),
    lead=_("What you may expect of the portal, and what the portal expects of you."),
    versions=(PolicyVersion("2026-11", date(2026, 11, 1), (_("The first version."),)),),
)
POLICIES: dict[str, Policy] = {policy.purpose: policy for policy in (PRIVACY, TERMS)}
