from django.contrib import admin
from django.urls import include, path

from config import views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("account/", include("people.urls")),
    path("budget/", include("budgets.urls")),
    path("people/", include("occasions.urls.persons")),
    path("occasions/", include("occasions.urls.occasions")),
    path("gifts/", include("occasions.urls.gifts")),
    path("admin/", admin.site.urls),
]
