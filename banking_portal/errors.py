"""What an error report may show."""

import inspect
from collections.abc import ItemsView
from types import FrameType
from typing import Any

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

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        """Nothing of a generator that has ended: its frame no longer says who called it, and so who marked what.

        Django's templates and transactions are such: the context of a page stood there in full. Nor of what draws a
        page: a view that has marked all it holds has returned when its page is drawn, with the same facts.
        """
        has_ended = tb_frame.f_code.co_flags & inspect.CO_GENERATOR and tb_frame.f_back is None
        if has_ended or str(tb_frame.f_globals.get("__name__")).startswith("django.template."):
            return dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute).items()
        return super().get_traceback_frame_variables(request, tb_frame)
