"""Answers of the API that are given again instead of doing the work again."""

from django.db import models

from config.lib.fields import KeyField
from config.lib.scoping import scoped
from shop.models import Organization


class IdempotentRequest(models.Model):
    """One request that was done, under the key its caller gave it, with the answer it got."""

    id = KeyField()
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    # A user, the holder of a cart or an order, or a network: a key counts for its caller alone.
    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=100)
    # Of method, address and body: the same key with another wish is a mistake.
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField()

    objects = scoped()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_answer_per_key", fields=["organization", "caller", "key"]
            )
        ]
        indexes = [models.Index(fields=["created_at"], name="answer_oldest")]

    def __str__(self):
        return self.key
