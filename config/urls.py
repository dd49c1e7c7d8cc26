from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("account/", include("people.urls")),
    path("admin/", admin.site.urls),
]
