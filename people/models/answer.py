"""What a program was told when it spent."""

from django.db import models

from people.models.user import User


class Answer(models.Model):
    """The first answer under an idempotency key, stored with what the request did.

    `fingerprint` is the SHA-256 of the request: the same key with another request is a mistake.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="answer_once_per_key"),
        ]

    def __str__(self) -> str:
        return f"{self.status} under {self.key}"
