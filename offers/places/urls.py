from django.urls import path

from offers.places import views

app_name = "places"
urlpatterns = [path("offres/communes/", views.suggest, name="suggest")]
