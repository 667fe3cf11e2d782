"""Whoever ends a device holds it before he touches what it remembers: in two orders, two would wait for each other.

On PostgreSQL; SQLite locks the whole database.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, transaction

from auth_codes.devices import known_devices
from auth_codes.models import KnownDevice, RememberedNumber
from tests.races import in_own_connection, wait_until_somebody_waits_for_us
from tests.serving import PATIENCE

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite locks the whole database"),
]


@pytest.mark.parametrize("end", [known_devices.exhaust, known_devices._end])
def test_device_is_held_before_the_number_that_it_remembers(client_, end):
    device = KnownDevice.objects.create(owner=client_.user, digest="d")
    RememberedNumber.objects.create(device=device, digest="r")
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            KnownDevice.objects.select_for_update().get(pk=device.pk)  # as a login that asks to be remembered does
            ending = other.submit(in_own_connection, partial(end, device))
            wait_until_somebody_waits_for_us()
            # Taken by the other already, it would be waited for here, and the device there.
            assert RememberedNumber.objects.filter(device=device).update(digest="s") == 1
        ending.result(timeout=PATIENCE)
    assert not KnownDevice.objects.exists()
    assert not RememberedNumber.objects.exists()
