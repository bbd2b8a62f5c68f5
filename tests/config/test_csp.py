"""The policy written once is the policy the library would write each time."""

from csp.decorators import csp_replace
from csp.middleware import CSPMiddleware as LibraryMiddleware
from django.http import HttpResponse
from django.test import RequestFactory

from config.lib.csp import CSPMiddleware

HEADER = "Content-Security-Policy"


def policy(middleware, view=lambda request: HttpResponse()) -> str:
    return middleware(view)(RequestFactory().get("/"))[HEADER]


def test_an_ordinary_answer_has_the_policy_of_the_settings():
    assert policy(CSPMiddleware) == policy(LibraryMiddleware)
    assert "script-src 'self'" in policy(CSPMiddleware)


def test_a_change_of_the_settings_changes_the_policy(settings):
    policy(CSPMiddleware)
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"default-src": ["'none'"]}}

    assert policy(CSPMiddleware) == "default-src 'none'"


def test_a_view_keeps_a_policy_of_its_own_and_a_nonce_is_kept():
    own = csp_replace({"default-src": ["'none'"]})(lambda request: HttpResponse())

    def with_nonce(request):
        return HttpResponse(str(request.csp_nonce))

    assert "default-src 'none'" in policy(CSPMiddleware, own)
    assert policy(CSPMiddleware, own) == policy(LibraryMiddleware, own)
    answered = policy(CSPMiddleware, with_nonce)
    assert answered.count("nonce-") == policy(LibraryMiddleware, with_nonce).count("nonce-")


def test_an_answer_that_wrote_its_policy_keeps_it():
    def own(request):
        return HttpResponse(headers={HEADER: "sandbox"})

    assert policy(CSPMiddleware, own) == "sandbox"


def test_a_form_may_lead_to_the_pages_of_the_gateways():
    directives = dict(part.split(" ", 1) for part in policy(CSPMiddleware).split("; "))

    assert directives["form-action"] == (
        "'self' https://checkout.wompi.co https://checkout.stripe.com"
    )
