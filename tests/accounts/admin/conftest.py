"""Who sits at the desk in these tests."""

import pytest

from tests.accounts.desk.test_staff_requests import administrator
from tests.conftest import StrictBrowser
from tests.standing import made_once


@made_once
def anne(advisor):
    return administrator("anne.roux")


@pytest.fixture
def browser_of_anne(anne):
    return StrictBrowser.logged_in(anne)
