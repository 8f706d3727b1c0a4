from django.urls import path

from offers.moderation import views

app_name = "moderation"
urlpatterns = [
    path("offres/<int:pk>-<slug:slug>/signaler/", views.report, name="report"),
    path("offres/<int:pk>-<slug:slug>/signaler/merci/", views.reported, name="reported"),
]
