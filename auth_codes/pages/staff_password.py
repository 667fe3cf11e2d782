"""The staff's own change of password: the present one is counted, verified and settled as at their login."""

from django.contrib import messages
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth import update_session_auth_hash
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_variables

from auth_codes.actor import Actor
from auth_codes.crypto import slots
from auth_codes.login import attempt as attempts
from auth_codes.login import confirming, passwords
from auth_codes.measures.series import Door
from auth_codes.models import SecurityEvent
from auth_codes.pages.confirming import ConfirmedByCodeView
from auth_codes.pages.refusals import busy

WRONG_PRESENT = (
    "Ce n’est pas votre mot de passe actuel. Saisissez-le de nouveau. Cinq erreurs bloquent l’accès 15 minutes."
)
CHANGED_MEANWHILE = "Votre mot de passe a changé entre-temps. Connectez-vous avec le nouveau."
TRY_AGAIN = (
    "La banque reçoit beaucoup de connexions en ce moment. Rien n’a été compté. Attendez quelques secondes, puis "
    "saisissez de nouveau votre mot de passe."
)


class StaffPasswordForm(AdminPasswordChangeForm):
    """Judges the new password alone: whether the present one is right is for the view to count."""

    def clean_old_password(self):
        return self.cleaned_data["old_password"]


@method_decorator(csrf_protect, name="dispatch")
class StaffPasswordView(ConfirmedByCodeView):
    """The desk's page « Modifier mon mot de passe »; the desk says who may reach it."""

    form_class = StaffPasswordForm
    template_name = "registration/password_change_form.html"
    success_url = reverse_lazy("admin:password_change_done")
    code_field = "old_password"
    code_failure = SecurityEvent.Kind.PASSWORD_CHANGE_FAILED

    def dispatch(self, request, *args, **kwargs):
        attempts.begin(request, Door.STAFF)  # who is refused reads the desk's page
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    @sensitive_variables("typed")
    def check(self, typed):
        confirming.check_staff(self.request, typed, failure=self.code_failure)

    @sensitive_variables()
    def confirmed(self, form):
        user = self.request.user
        passwords.change(user, form.cleaned_data["new_password1"], by=Actor.of(self.request))
        update_session_auth_hash(self.request, user)
        return redirect(self.get_success_url())

    def answer_to(self, refusal, form):
        if isinstance(refusal, slots.Busy):
            form.add_error(self.code_field, TRY_AGAIN)  # Django's page shows no error but a field's
            return busy(self.form_invalid(form))
        return super().answer_to(refusal, form)

    def wrong_code(self, aftermath, form):
        form.add_error(self.code_field, WRONG_PRESENT)  # the same each time, as at the desk's login
        return self.form_invalid(form)

    def code_changed(self):
        messages.info(self.request, CHANGED_MEANWHILE)
        return redirect("admin:login")
