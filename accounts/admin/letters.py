"""The advisors' desk: the batches handed to the print workshop, to be read; nothing of any letter's content."""

from django.contrib import admin

from accounts.admin.batches import BatchAdmin
from auth_codes.models import LetterBatch, SealedLetter


@admin.register(LetterBatch)
class LetterBatchAdmin(BatchAdmin):
    list_display = ["id", "exported_at", "last_written_at", "confirmed_at", "letter_count", "voided_count"]
    fields = readonly_fields = list_display

    def changelist_view(self, request, extra_context=None):
        title = f"Lots de plis scellés ({SealedLetter.objects.waiting().count()} en attente d’un lot)"
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    @admin.display(description="Plis")
    def letter_count(self, batch):
        return batch.letter_count

    @admin.display(description="dont annulés")
    def voided_count(self, batch):
        return batch.voided_count
