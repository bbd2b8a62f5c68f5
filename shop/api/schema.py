"""What the schema cannot find out by itself."""

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.contrib.rest_framework_simplejwt import SimpleJWTScheme
from drf_spectacular.utils import PolymorphicProxySerializer


class TokenScheme(SimpleJWTScheme):
    """Describes the token."""

    target_class = "shop.api.identification.TokenAuthentication"
    name = "token"


class CookieScheme(SessionScheme):
    """Describes the session."""

    target_class = "shop.api.identification.SessionAuthentication"
    name = "session"


def seen(name: str, by_shoppers: type, by_staff: type) -> PolymorphicProxySerializer:
    """Describe an answer that shows staff more than shoppers."""
    return PolymorphicProxySerializer(
        component_name=name, serializers=[by_shoppers, by_staff], resource_type_field_name=None
    )
