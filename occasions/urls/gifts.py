from django.urls import path

from occasions.views import gifts

app_name = "gifts"

urlpatterns = [
    path("", gifts.index, name="list"),
    path("add/", gifts.add, name="add"),
    path("shopping/", gifts.shopping, name="shopping"),
    path("gifts.csv", gifts.csv, name="csv"),
    path("<int:pk>/", gifts.change, name="change"),
    path("<int:pk>/status/", gifts.status, name="status"),
    path("<int:pk>/delete/", gifts.delete, name="delete"),
]
