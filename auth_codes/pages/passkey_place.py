"""Where passkeys serve: at one address alone, which the page names to whoever is at another one."""

from urllib.parse import urlsplit

from django.conf import settings

from auth_codes.factors import passkeys


def origin(request):
    """The one origin at which they may have signed: https and the bank's name; in the demo, as it was asked for."""
    if not settings.DEMO:
        return f"https://{passkeys.host()}"
    port = urlsplit(f"//{request.get_host()}").port
    return f"http://{passkeys.host()}" + (f":{port}" if port else "")


def told(request):
    """Whether the page is at that address, which it links to otherwise."""
    is_here = urlsplit(f"//{request.get_host()}").hostname == passkeys.host()
    return {"is_here": is_here, "passkey_host": passkeys.host(), "passkey_address": origin(request) + request.path}
