"""Signing in and out, and one's own account."""

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.messages.views import SuccessMessageMixin
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods

from people.access import MemberRequest
from people.forms.account import AccountForm
from people.models import User

login = auth_views.LoginView.as_view(
    template_name="people/login.html", redirect_authenticated_user=True
)
logout = auth_views.LogoutView.as_view()


class PasswordChange(SuccessMessageMixin[PasswordChangeForm], auth_views.PasswordChangeView):
    """The built-in view, answering with words."""

    template_name = "people/password_change.html"
    success_url = reverse_lazy("people:account")
    success_message = "Your password is changed."


password_change = PasswordChange.as_view()
password_reset = auth_views.PasswordResetView.as_view(
    template_name="people/password_reset.html",
    subject_template_name="emails/password_reset_subject.txt",
    email_template_name="emails/password_reset.txt",
    html_email_template_name="emails/password_reset.html",
    success_url=reverse_lazy("people:password_reset_sent"),
)
password_reset_sent = auth_views.PasswordResetDoneView.as_view(
    template_name="people/password_reset_sent.html"
)
password_reset_confirm = auth_views.PasswordResetConfirmView.as_view(
    template_name="people/password_reset_confirm.html",
    success_url=reverse_lazy("people:password_reset_complete"),
)
password_reset_complete = auth_views.PasswordResetCompleteView.as_view(
    template_name="people/password_reset_complete.html"
)


@require_http_methods(["GET", "POST"])
def account(request: MemberRequest) -> HttpResponse:
    # A row of its own, so that refused input does not show as the name in the navigation.
    person = User.objects.get(pk=request.user.pk)
    form = AccountForm(request.POST if request.method == "POST" else None, instance=person)
    if form.is_valid():
        form.save()
        messages.success(request, "Your account is saved.")
        return redirect("people:account")
    status = 422 if form.is_bound else 200
    return render(request, "people/account.html", {"form": form}, status=status)
