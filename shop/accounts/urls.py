"""Addresses of accounts, below /cuenta/. allauth finds its views by their names."""

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.urls import path, re_path
from django.views.decorators.cache import never_cache

from . import views

urlpatterns = [
    # allauth: the account
    path("entrar/", account.login, name="account_login"),
    path("salir/", account.logout, name="account_logout"),
    path("crear/", account.signup, name="account_signup"),
    path("inactiva/", account.account_inactive, name="account_inactive"),
    path("confirmar/", never_cache(account.reauthenticate), name="account_reauthenticate"),
    path("correo/", never_cache(account.email), name="account_email"),
    path(
        "correo/enviado/", account.email_verification_sent, name="account_email_verification_sent"
    ),
    re_path(
        r"^correo/confirmar/(?P<key>[-:\w]+)/$", account.confirm_email, name="account_confirm_email"
    ),
    path("clave/cambiar/", never_cache(account.password_change), name="account_change_password"),
    path("clave/poner/", never_cache(account.password_set), name="account_set_password"),
    path("clave/olvido/", account.password_reset, name="account_reset_password"),
    path("clave/olvido/enviado/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^clave/nueva/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "clave/lista/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    # allauth: the second factor
    path("segundo-paso/", never_cache(second_factor.index), name="mfa_index"),
    path("segundo-paso/codigo/", second_factor.authenticate, name="mfa_authenticate"),
    path(
        "segundo-paso/confirmar/",
        never_cache(second_factor.reauthenticate),
        name="mfa_reauthenticate",
    ),
    path("segundo-paso/activar/", never_cache(totp.activate_totp), name="mfa_activate_totp"),
    path("segundo-paso/quitar/", never_cache(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "segundo-paso/reserva/",
        never_cache(codes.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "segundo-paso/reserva/nuevos/",
        never_cache(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "segundo-paso/reserva/bajar/",
        codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    # Ways in of our own
    path("enlace/", views.ask_sign_in_link, name="account_sign_in_link"),
    path("enlace/enviado/", views.sign_in_link_sent, name="account_sign_in_link_sent"),
    path("enlace/<str:token>/", views.use_sign_in_link, name="account_sign_in_link_use"),
    path("organizaciones/", views.organization_list, name="account_organizations"),
    path("relevo/<str:token>/", views.arrive, name="account_handover"),
    # The account
    path("", views.overview, name="account"),
    path("datos/", views.profile, name="account_profile"),
    path("ingreso/", views.ways_to_sign_in, name="account_ways_to_sign_in"),
    path("permisos/", views.consent_list, name="account_consents"),
    path("direcciones/", views.address_list, name="account_addresses"),
    path("direcciones/nueva/", views.address_add, name="account_address_add"),
    path("direcciones/<uuid:pk>/", views.address_change, name="account_address_change"),
    path(
        "direcciones/<uuid:pk>/preferida/",
        views.address_use_by_default,
        name="account_address_default",
    ),
    path("direcciones/<uuid:pk>/borrar/", views.address_delete, name="account_address_delete"),
    path("lugares/", views.place_list, name="account_places"),
]
