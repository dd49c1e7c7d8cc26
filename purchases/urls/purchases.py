from django.urls import path

from purchases.views import lists, purchases, suggestions

app_name = "purchases"

urlpatterns = [
    path("", lists.index, name="list"),
    path("add/", purchases.add, name="add"),
    path("alike/", suggestions.alike, name="alike"),
    path("bulk/", lists.bulk, name="bulk"),
    path("columns/", lists.columns, name="columns"),
    path("purchases.csv", lists.csv, name="csv"),
    path("suggest/<str:what>/", suggestions.suggest, name="suggest"),
    path("trash/", lists.trash, name="trash"),
    path("undo/<int:step>/", lists.undo, name="undo"),
    path("<int:pk>/", purchases.detail, name="detail"),
    path("<int:pk>/edit/", purchases.change, name="change"),
    path("<int:pk>/status/", purchases.status, name="status"),
    path("<int:pk>/delete/", purchases.delete, name="delete"),
    path("<int:pk>/restore/", lists.restore, name="restore"),
]
