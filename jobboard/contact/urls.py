from django.urls import path

from jobboard.contact import views

app_name = "contact"
urlpatterns = [
    path("", views.contact, name="form"),
    path("merci/", views.thanks, name="thanks"),
]
