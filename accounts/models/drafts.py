"""What a member of the staff has typed into a form of the desk and not sent."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Draft(models.Model):
    """One for each person and page, sealed for both; see desk/drafts.py. Once its form was sent it is empty."""

    # Looked up by the index of the constraint below.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="drafts")
    page = models.CharField(max_length=200)
    # Which showing of the form it comes from: what is kept late of a form that was sent is not kept.
    form = models.CharField(max_length=64, blank=True)
    sealed = models.BinaryField()
    kept_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = "brouillon"
        constraints = [models.UniqueConstraint(fields=["owner", "page"], name="one_draft_a_page")]

    def __str__(self) -> str:
        return f"brouillon du {self.kept_at:%d/%m/%Y %H:%M}"
