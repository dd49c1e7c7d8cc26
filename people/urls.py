from django.urls import path

from people.views import account, tokens

app_name = "people"

urlpatterns = [
    path("", account.account, name="account"),
    path("login/", account.login, name="login"),
    path("logout/", account.logout, name="logout"),
    path("tokens/", tokens.listing, name="tokens"),
    path("tokens/add/", tokens.add, name="token_add"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="token_revoke"),
    path("password/", account.password_change, name="password_change"),
    path("password/reset/", account.password_reset, name="password_reset"),
    path("password/reset/sent/", account.password_reset_sent, name="password_reset_sent"),
    path(
        "password/reset/<uidb64>/<token>/",
        account.password_reset_confirm,
        name="password_reset_confirm",
    ),
    path(
        "password/reset/complete/", account.password_reset_complete, name="password_reset_complete"
    ),
]
