"""What the desk's pages of batches have in common: they are read, and nothing of any letter is shown."""

from accounts.desk.lists import NUL, Pages
from accounts.desk.titles import Titled


class BatchAdmin(Titled):
    """The newest first; written by the commands alone."""

    list_per_page = 25
    pages = Pages
    ordering = ["-exported_at", "-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_counts()

    def get_object(self, request, object_id, from_field=None):
        # A batch is found by a text, and PostgreSQL fails at one with this sign where SQLite finds nothing.
        return None if NUL in object_id else super().get_object(request, object_id, from_field)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
