from django.contrib import admin
from django.urls import include, path

from config import finding, views

handler400 = "config.failures.bad_request"
handler404 = "config.failures.page_not_found"
handler500 = "config.failures.server_error"

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("account/", include("people.urls")),
    path("budget/", include("budgets.urls")),
    path("people/", include("occasions.urls.persons")),
    path("occasions/", include("occasions.urls.occasions")),
    path("gifts/", include("occasions.urls.gifts")),
    path("purchases/", include("purchases.urls.purchases")),
    path("files/", include("purchases.urls.files")),
    path("warranties/", include("purchases.urls.warranties")),
    path("retailers/", include("purchases.urls.retailers")),
    path("brands/", include("purchases.urls.brands")),
    path("analytics/", include("purchases.urls.analytics")),
    path("data/", include("config.data.urls")),
    path("data/import/", include("purchases.urls.imports")),
    path("find/", finding.find, name="find"),
    path("api/v1/", include("config.api.urls")),
    path("admin/", admin.site.urls),
]
