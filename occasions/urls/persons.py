from django.urls import path

from occasions.views import persons

app_name = "persons"

urlpatterns = [
    path("", persons.index, name="list"),
    path("add/", persons.add, name="add"),
    path("<int:pk>/", persons.detail, name="detail"),
    path("<int:pk>/budgets/", persons.budgets, name="budgets"),
    path("<int:pk>/gifts/", persons.gifts, name="gifts"),
    path("<int:pk>/change/", persons.change, name="change"),
    path("<int:pk>/delete/", persons.delete, name="delete"),
    path("<int:pk>/me/", persons.me, name="me"),
    path("<int:pk>/photo", persons.photo, name="photo"),
]
