"""A request's host is judged once, and again when it is another one."""

import pytest
from django.core.exceptions import DisallowedHost
from django.test import RequestFactory

from banking_portal.requests import PortalRequest


def test_a_host_is_judged_as_it_stands(settings):
    settings.ALLOWED_HOSTS = ["portail.example", "autre.example"]
    request = PortalRequest(RequestFactory().get("/connexion/").environ)
    for host in ("portail.example", "nulle-part.example", "nulle-part.example", "portail.example", "autre.example"):
        request.META["HTTP_HOST"] = host
        if host.startswith("nulle"):
            with pytest.raises(DisallowedHost):
                request.get_host()
        else:
            assert [request.get_host() for _ in range(2)] == [host] * 2
    del request.META["HTTP_HOST"]
    request.META["SERVER_NAME"] = "nulle-part.example"
    with pytest.raises(DisallowedHost):
        request.get_host()
