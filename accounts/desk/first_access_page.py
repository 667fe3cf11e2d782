"""The page behind a one-time link: the user name, and the new password twice."""

from django import forms
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from accounts.desk import first_access
from auth_codes.actor import Actor
from auth_codes.codes.owners import SessionEnded
from auth_codes.login import passwords
from auth_codes.pages.refusals import busy
from auth_codes.pages.staff_password import TRY_AGAIN

CHOSEN = "Mot de passe enregistré. Connectez-vous avec lui."
NOT_THE_NAME = (
    "Ce lien n’a pas été fait pour ce nom d’utilisateur. Relisez celui que l’on vous a donné : après cinq noms "
    "erronés, le lien ne sert plus à rien."
)


class FirstAccessForm(SetPasswordForm):
    """Who holds a link says for whom it was made: the page does not."""

    username = forms.CharField(label="Nom d’utilisateur", max_length=150)
    field_order = ["username", "new_password1", "new_password2"]

    def __init__(self, link, by, *args, **kwargs):
        super().__init__(link.owner, *args, **kwargs)
        self.link, self.by = link, by

    def clean_username(self):
        typed = self.cleaned_data["username"]
        try:
            first_access.check_name(self.link, typed, by=self.by)
        except first_access.WrongName:
            raise ValidationError(NOT_THE_NAME) from None
        return typed


@method_decorator([csrf_protect, never_cache, sensitive_post_parameters()], name="dispatch")
class FirstAccessView(FormView):
    """Whatever is wrong with a link, it is answered by the same page."""

    form_class = FirstAccessForm
    template_name = "admin/first_access.html"

    def dispatch(self, request, *args, token, **kwargs):
        try:
            self.link = first_access.find(token, now=timezone.now())
            response = super().dispatch(request, *args, **kwargs)
        except (first_access.LinkEnded, SessionEnded):
            context = {**self.extra_context, "title": "Premier accès"}
            response = render(request, "admin/first_access_ended.html", context, status=404)
        # Never with the address, which is a secret; with « no-referrer » browsers would hide the form's origin too.
        response["Referrer-Policy"] = "strict-origin"
        return response

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"link": self.link, "by": Actor.at(self.request)}

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs, title="Premier accès : choisissez votre mot de passe")

    def form_valid(self, form):
        by = Actor.at(self.request, self.link.owner)
        try:
            first_access.use(self.link, form.cleaned_data["new_password1"], by=by)
        except passwords.Busy:
            form.add_error("new_password1", TRY_AGAIN)
            return busy(self.form_invalid(form))
        messages.success(self.request, CHOSEN)
        return redirect("admin:login")
