"""« Confirm with your code »: what every page has in common that does its act only after the code was typed again."""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpResponseBase
from django.utils.functional import cached_property
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.generic import FormView

from auth_codes import browser
from auth_codes.codes import changing, checking, owners
from auth_codes.crypto import slots
from auth_codes.login import confirming, gate
from auth_codes.pages import last_try
from auth_codes.pages.forms import BUSY
from auth_codes.pages.refusals import busy, refused

REFUSALS = (*gate.REFUSALS, confirming.WrongCurrentCode, changing.CodeChangedMeanwhile, owners.SessionEnded)


class ConfirmedByCodeView(FormView):
    """A form whose act its owner confirms by his code, which is counted and checked like a login's.

    A page names the field of the code (`code_field`) and the line of the journal that a wrong one writes
    (`code_failure`), says why it is wrong (`not_the_code`), does the act and answers (`confirmed`), and answers when
    another request has changed the code or ended the session (`code_changed`). What must be judged before an attempt
    is counted, it judges in its own `form_valid`, before this one.
    """

    @classmethod
    def as_view(cls, **initkwargs: object) -> Callable[..., HttpResponseBase]:
        # Attempts commit before the hash is computed: no transaction may be open around the view.
        return transaction.non_atomic_requests(sensitive_post_parameters()(super().as_view(**initkwargs)))

    @cached_property
    def present(self):
        """The code in use; None for staff, and once the access is closed."""
        return checking.present_code(self.request.user)

    @sensitive_variables()
    def form_valid(self, form):
        try:
            self.check(form.cleaned_data[self.code_field])
            return self.confirmed(form)
        except REFUSALS as refusal:
            return self.answer_to(refusal, form)

    @sensitive_variables("typed")
    def check(self, typed):
        """Counts and verifies what was typed; raises one of REFUSALS."""
        if self.present is None:
            raise owners.SessionEnded
        confirming.check(self.request, self.present, typed, failure=self.code_failure)

    def answer_to(self, refusal, form):
        """The page of one of REFUSALS, by which nothing was done."""
        match refusal:
            case confirming.WrongCurrentCode(aftermath=aftermath):
                response = self.wrong_code(aftermath, form)
                browser.keep_mark(self.request, response)
                return response
            case changing.CodeChangedMeanwhile() | owners.SessionEnded():
                return self.code_changed()
            case slots.Busy():
                form.add_error(None, BUSY)
                return busy(self.form_invalid(form))
        return refused(self.request, refusal)

    def wrong_code(self, aftermath, form):
        """The form again, counting aloud; the pause, where this attempt has begun it."""
        if aftermath.block:
            return refused(self.request, aftermath.block)
        form.add_error(self.code_field, " ".join([str(self.not_the_code()), *last_try.sentences(aftermath)]))
        return self.form_invalid(form)
