"""People who may sign in."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField

from .. import roles


class UserManager(BaseUserManager):
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        """Create a person who signs in with this e-mail; without password only by link."""
        user = self.model(email=self.clean_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        """Create an operator of the whole installation."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email=self.clean_email(email))

    @staticmethod
    def clean_email(email: str) -> str:
        """E-mail addresses are compared in lower case, as people believe them to be."""
        return email.strip().lower()


class User(AbstractBaseUser):
    """A person who may sign in, to one shop or to several, as a shopper or as staff."""

    id = KeyField()
    email = models.EmailField(_("e-mail"), unique=True)
    name = LineField(_("name"), max_length=120, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_superuser = models.BooleanField(
        _("operator"),
        default=False,
        help_text=_("May open and close organizations; sees no merchant's rows without a role."),
    )
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)
    date_joined = models.DateTimeField(_("joined"), auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(
                name="user_email_is_lower_case", condition=models.Q(email=Lower("email"))
            )
        ]

    def __str__(self):
        return self.name or self.email

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]

    # Django's admin asks these three; the answers come from the one table in roles.py.

    @property
    def is_staff(self) -> bool:
        """Whether the back-office opens for this person in the organization of this request."""
        return self.is_active and (self.is_superuser or roles.current_membership(self) is not None)

    def has_perm(self, permission: str, row=None) -> bool:
        return self.is_active and roles.may(self, permission)

    def has_perms(self, permissions, row=None) -> bool:
        return all(self.has_perm(permission, row) for permission in permissions)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff
