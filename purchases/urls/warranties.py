from django.urls import path

from purchases.views import warranties

app_name = "warranties"

urlpatterns = [
    path("", warranties.index, name="list"),
    path("add/<int:purchase>/", warranties.add, name="add"),
    path("calendar/", warranties.calendar, name="calendar"),
    path("calendar/<str:key>.ics", warranties.feed, name="feed"),
    path("<int:pk>/", warranties.change, name="change"),
    path("<int:pk>/delete/", warranties.delete, name="delete"),
]
