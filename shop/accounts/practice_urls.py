"""Addresses of the practice mail, below /practica/correo/."""

from django.urls import path

from . import practice

urlpatterns = [
    path("", practice.mail_list, name="practice_mails"),
    path("<str:name>/", practice.mail_detail, name="practice_mail"),
]
