"""Whose signatures the closing of an account takes: the holder's own, and nobody's whom the bank does not know."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.bank_accounts import signers
from accounts.models import Client

pytestmark = pytest.mark.django_db


def test_holder_signs_for_himself_until_his_relation_has_ended(client_):
    today = timezone.localdate()
    assert signers.signers_of(client_, today) == [client_]
    Client.objects.filter(pk=client_.pk).update(ended_on=today - timedelta(days=1), end_reason=Client.End.DEATH)
    client_.refresh_from_db()
    assert signers.signers_of(client_, today) == []
