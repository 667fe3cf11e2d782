"""Those who work at the desk."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from accounts.models import User


@admin.register(User)
class StaffAdmin(UserAdmin):
    """Staff alone; clients' users are made by their online space and shown nowhere here."""

    def get_queryset(self, request):
        return super().get_queryset(request).filter(client__isnull=True)

    def save_model(self, request, obj, form, change):
        obj.is_staff = obj.is_staff or not change  # nobody else is made here
        super().save_model(request, obj, form, change)
