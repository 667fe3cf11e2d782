"""Those who work at the desk."""

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.shortcuts import redirect

from accounts.models import User


@admin.register(User)
class StaffAdmin(UserAdmin):
    """Staff alone; clients' users are made by their online space and shown nowhere here."""

    def get_queryset(self, request):
        return super().get_queryset(request).filter(client__isnull=True)

    def user_change_password(self, request, id, form_url=""):
        """Another's alone: one's own asks for the present one, on the desk's own page."""
        if unquote(id) == str(request.user.pk):
            return redirect("admin:password_change")
        return super().user_change_password(request, id, form_url)

    def save_model(self, request, obj, form, change):
        obj.is_staff = obj.is_staff or not change  # nobody else is made here
        super().save_model(request, obj, form, change)
