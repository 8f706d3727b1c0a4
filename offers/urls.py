"""The URLs of all that concerns offers, each app with a namespace of its own."""

from django.urls import include, path

APPS = ("catalogue", "places", "applications", "moderation", "companies", "alerts", "posting")

urlpatterns = [path("", include(f"offers.{app}.urls")) for app in APPS]
