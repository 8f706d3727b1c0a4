"""The URLs of the apps in `offers`, each with its own namespace."""

from django.urls import include, path

APPS = ("catalogue", "places", "applications", "moderation", "companies", "alerts", "posting")

urlpatterns = [path("", include(f"offers.{app}.urls")) for app in APPS]
