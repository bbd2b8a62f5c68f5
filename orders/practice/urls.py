"""Addresses of the practice gateway, below /practica/pago/."""

from django.urls import path

from . import views

urlpatterns = [path("<str:reference>/", views.payment, name="practice_payment")]
