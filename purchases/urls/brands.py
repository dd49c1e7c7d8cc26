from django.urls import path

from purchases.views import names

app_name = "brands"

_KIND = {"kind": names.BRANDS}

urlpatterns = [
    path("", names.index, _KIND, name="list"),
    path("add/", names.add, _KIND, name="add"),
    path("<int:pk>/", names.detail, _KIND, name="detail"),
    path("<int:pk>/edit/", names.change, _KIND, name="change"),
    path("<int:pk>/merge/", names.merge, _KIND, name="merge"),
    path("<int:pk>/delete/", names.delete, _KIND, name="delete"),
]
