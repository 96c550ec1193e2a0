"""Deleting an account with everything that hangs on it."""

from allauth.account.models import EmailAddress
from django.db import connection, transaction

from konnect.accounts.models import OutgoingEmail, User


@transaction.atomic
def erase_account(user: User) -> int:
    """Delete a person's account, profile, contacts, consents and letters; return the rows.

    The consent ledger refuses every change; this one transaction alone may delete from it.
    """
    addresses = {
        user.email,
        *EmailAddress.objects.filter(user=user).values_list("email", flat=True),
    }
    letters = 0
    for address in addresses:
        letters += OutgoingEmail.objects.filter(to__iexact=address).delete()[0]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL konnect.erasing = 'on'")
        rows = letters + user.delete()[0]
        cursor.execute("SET LOCAL konnect.erasing = 'off'")
    return rows
