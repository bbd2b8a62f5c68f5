"""Ways in beside the password, and the pages of an account."""

from functools import wraps

from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config.lib import visitor

from .. import customers, organizations, places
from ..models import Address, Consent
from . import handover, joining, sign_in_links
from .forms import AddressForm, LinkForm, ProfileForm


def account_page(view):
    """Open the page to whoever is signed in, with their customer, and keep it out of caches."""

    @never_cache
    @login_required
    @wraps(view)
    def page(request, *args, **kwargs):
        customer = customers.of_user(request.organization, request.user)
        return view(request, customer, *args, **kwargs)

    return page


# --- Ways in ----------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
def ask_sign_in_link(request):
    if request.user.is_authenticated:
        return redirect("account")
    form = LinkForm(request.POST or None, initial={"email": request.GET.get("email", "")})
    status = 200
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].lower()
        try:
            sign_in_links.ask(request, email, next_url=get_next_redirect_url(request) or "")
        except sign_in_links.TooManyLinks as error:
            form.add_error("email", str(error))
            status = 429
        else:
            return redirect("account_sign_in_link_sent")
    context = {"form": form, "next": get_next_redirect_url(request) or ""}
    return render(request, "account/sign_in_link.html", context, status=status)


@never_cache
@require_GET
def sign_in_link_sent(request):
    return render(request, "account/sign_in_link_sent.html")


@never_cache
@require_http_methods(["GET", "POST"])
def use_sign_in_link(request, token):
    """Show a button, and sign in when it is pressed: mail scanners follow links, not buttons."""
    if request.method == "POST":
        answer = sign_in_links.use(request, token)
        if answer is not None:
            return answer
        is_good = False
    else:
        is_good = sign_in_links.is_good(request, token)
    status = 200 if is_good else 410
    return render(request, "account/sign_in_link_use.html", {"is_good": is_good}, status=status)


@account_page
def organization_list(request, customer):
    """Show where this person works, and send them there when they choose."""
    memberships = organizations.of_user(request.user)
    if request.method == "POST":
        chosen = [one for one in memberships if str(one.pk) == request.POST.get("membership")]
        if not chosen:
            raise Http404
        if chosen[0].organization == request.organization:
            return redirect("/admin/")
        url = handover.start(request, chosen[0])
        if url is not None:
            # A page and not a redirect: browsers that keep forms on this site stop at redirects.
            context = {"url": url, "organization_name": chosen[0].organization.name}
            return render(request, "account/organization_leave.html", context)
        messages.error(request, _("This shop has no address yet."))
    return render(request, "account/organizations.html", {"memberships": memberships})


@never_cache
@require_http_methods(["GET", "POST"])
def arrive(request, token):
    """Sign in whoever comes from another organization, when they press the button."""
    if request.method == "POST":
        answer = handover.finish(request, token)
        if answer is not None:
            return answer
        person = None
    else:
        person = handover.person(request, token)
    status = 200 if person else 410
    return render(request, "account/organization_arrive.html", {"person": person}, status=status)


# --- The account ------------------------------------------------------------------------------


@account_page
def overview(request, customer):
    context = {
        "customer": customer,
        "address": customer.addresses.select_related("municipality__department").first(),
        "memberships": organizations.of_user(request.user),
        "needs_privacy": not customers.agrees(customer, purpose=Consent.Purpose.PRIVACY),
    }
    return render(request, "account/overview.html", context)


@account_page
@require_http_methods(["GET", "POST"])
def profile(request, customer):
    form = ProfileForm(request.POST or None, instance=customer)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            customers.save_profile(customer)
            request.user.name = customer.name
            request.user.save(update_fields=["name"])
        messages.success(request, _("Your data is saved."))
        return redirect("account")
    return render(request, "account/profile.html", {"form": form})


@account_page
def address_list(request, customer):
    addresses = customer.addresses.select_related("municipality__department")
    return render(request, "account/addresses.html", {"addresses": addresses})


@account_page
@require_http_methods(["GET", "POST"])
def address_add(request, customer):
    is_first = not customer.addresses.exists()
    new = Address(customer=customer, recipient=customer.name, phone=customer.phone)
    return _edit_address(request, new, initial={"is_default": is_first})


@account_page
@require_http_methods(["GET", "POST"])
def address_change(request, customer, pk):
    return _edit_address(request, get_object_or_404(customer.addresses, pk=pk))


def _edit_address(request, address, *, initial=None):
    form = AddressForm(request.POST or None, instance=address, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            customers.save_address(address, by_default=form.cleaned_data["is_default"])
        except customers.AddressBookFull as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The address is saved."))
            return redirect(get_next_redirect_url(request) or "account_addresses")
    context = {"form": form, "is_new": address._state.adding}
    return render(request, "account/address.html", context)


@account_page
@require_POST
def address_use_by_default(request, customer, pk):
    customers.use_by_default(get_object_or_404(customer.addresses, pk=pk))
    return redirect("account_addresses")


@account_page
@require_POST
def address_delete(request, customer, pk):
    get_object_or_404(customer.addresses, pk=pk).delete()
    messages.success(request, _("The address is deleted."))
    return redirect("account_addresses")


@require_GET
def place_list(request):
    """Give the places that the typed text may mean, as the address form shows them."""
    found = places.find(request.GET.get("place", "")[:120])
    answer = render(request, "account/_places.html", {"suggestions": found})
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


@account_page
@require_http_methods(["GET", "POST"])
def consent_list(request, customer):
    """Show what this person agreed to, and change it at once."""
    if request.method == "POST":
        _change_consent(request, customer)
        return redirect("account_consents")
    context = {
        "wants_marketing": customers.agrees(customer, purpose=Consent.Purpose.MARKETING),
        "agrees_to_privacy": customers.agrees(customer, purpose=Consent.Purpose.PRIVACY),
        "consents": customer.consents.all()[:50],
    }
    return render(request, "account/consents.html", context)


def _change_consent(request, customer):
    purpose = request.POST.get("purpose")
    if purpose not in (Consent.Purpose.MARKETING, Consent.Purpose.PRIVACY):
        raise Http404
    if request.POST.get("agrees") == "on":
        customers.give_consent(
            customer,
            purpose=purpose,
            version=joining.PRIVACY_VERSION,
            address=visitor.address(request),
            source="account",
        )
        messages.success(request, _("Thank you. It is written down."))
    elif purpose == Consent.Purpose.MARKETING:
        customers.withdraw_consent(customer, purpose=purpose)
        messages.success(request, _("You will get no more news or offers."))


@account_page
def ways_to_sign_in(request, customer):
    return render(request, "account/ways_to_sign_in.html")
