"""Where a request comes from."""

from ipaddress import ip_address, ip_network

from django.conf import settings

# Whoever sends one of these stands behind a proxy, and may be anybody.
_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


def address(request) -> str | None:
    """Give the visitor's IP address, or None when the server does not know it.

    Behind a proxy it is what our own proxies wrote; a header is never believed otherwise.
    """
    value = request.META.get("REMOTE_ADDR", "")
    if settings.USE_X_FORWARDED_HOST:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        # Each of our proxies adds one entry at the end; what stands before is the visitor's word.
        if len(hops) >= settings.PROXY_COUNT and hops[-settings.PROXY_COUNT]:
            value = hops[-settings.PROXY_COUNT]
    try:
        return str(ip_address(value))
    except ValueError:
        return None


def came_directly(request) -> bool:
    """Say whether no proxy stands between, as far as proxies tell."""
    return not any(name in request.headers for name in _FORWARDED)


def network(request) -> str:
    """Give the address a request came from, as far as one customer of a provider has only one."""
    found = address(request) or ""
    if ":" in found:
        # A household or a rented server holds a whole /64.
        return str(ip_network((found, 64), strict=False))
    return found
