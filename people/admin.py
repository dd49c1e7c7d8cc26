"""Members in the console."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from people.models import User


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    view_on_site = False  # the account page is that of whoever looks, not of this user
    list_display = ["username", "first_name", "last_name", "email", "timezone", "is_staff"]
    fieldsets = [
        *(DjangoUserAdmin.fieldsets or []),
        ("Household", {"fields": ["timezone"]}),
    ]
    add_fieldsets = [
        *DjangoUserAdmin.add_fieldsets,
        ("Household", {"fields": ["first_name", "last_name", "email", "timezone", "is_staff"]}),
    ]
