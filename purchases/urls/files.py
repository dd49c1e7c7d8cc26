from django.urls import path

from purchases.views import files, uploads

app_name = "files"

urlpatterns = [
    path("", uploads.stage, name="stage"),
    path("of/<int:purchase>/", uploads.attach, name="attach"),
    path("<int:pk>/", files.download, name="download"),
    path("<int:pk>/view/", files.view, name="view"),
    path("<int:pk>/thumbnail/", files.thumbnail, name="thumbnail"),
    path("<int:pk>/edit/", files.change, name="change"),
    path("<int:pk>/delete/", files.delete, name="delete"),
]
