from django.urls import path

from careers import views

app_name = "careers"
urlpatterns = [
    path("", views.role_list, name="list"),
    path("<slug:slug>/", views.role_detail, name="detail"),
]
