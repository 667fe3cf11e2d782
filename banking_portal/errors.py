"""What an error report may show."""

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class AlwaysSafeReporterFilter(SafeExceptionReporterFilter):
    """Hides the variables marked as sensitive even with DEBUG: Django's own filter shows codes there."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, str]:
        """No value at all: an error before the view has begun meets a request whose fields nobody has marked yet."""
        return dict.fromkeys(request.POST, self.cleansed_substitute) if request else {}

    def get_safe_cookies(self, request: HttpRequest | None) -> dict[str, str]:
        """No value either: Django knows the session's cookie by its name, and not that of a known device."""
        return dict.fromkeys(getattr(request, "COOKIES", ()), self.cleansed_substitute)
