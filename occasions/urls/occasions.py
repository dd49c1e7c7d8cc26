from django.urls import path

from occasions.views import cards, occasions

app_name = "occasions"

urlpatterns = [
    path("", occasions.index, name="list"),
    path("add/", occasions.add, name="add"),
    path("holidays/", occasions.holidays, name="holidays"),
    path("<int:pk>/", cards.detail, name="detail"),
    path("<int:pk>/change/", occasions.change, name="change"),
    path("<int:pk>/delete/", occasions.delete, name="delete"),
    path("<int:pk>/budgets/", cards.helpers, name="helpers"),
    path("<int:pk>/people/", cards.people, name="people"),
    path("<int:pk>/people/<int:person_id>/", cards.card, name="card"),
    path("<int:pk>/people/<int:person_id>/gifts/", cards.quick_add, name="quick_add"),
    path("<int:pk>/people/<int:person_id>/receives/", cards.receives, name="receives"),
    path("<int:pk>/people/<int:person_id>/remove/", cards.remove, name="remove"),
]
