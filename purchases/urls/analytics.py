from django.urls import path

from purchases.views import analytics

app_name = "analytics"

urlpatterns = [
    path("", analytics.page, name="page"),
    path("cards/", analytics.cards, name="cards"),
]
