"""Addresses of signing in and of one's account."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from webapp.accounts import views
from webapp.accounts.invitations import invitation

app_name = "accounts"

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("join/<str:secret>/", invitation, name="invitation"),
    path("account/", views.account, name="account"),
    path("account/tokens/new/", views.new_token, name="new_token"),
    path("account/tokens/<int:token_id>/revoke/", views.revoke_token_, name="revoke_token"),
]
