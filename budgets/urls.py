from django.urls import path

from budgets import views

app_name = "budgets"

urlpatterns = [
    path("", views.detail, name="detail"),
    path("settings/", views.settings, name="settings"),
    path("reset/", views.reset, name="reset"),
    path("resets/", views.resets, name="resets"),
    path("history.csv", views.history_csv, name="history_csv"),
]
