from django.contrib import admin
from django.urls import include, path

from jobboard import views

urlpatterns = [
    path("", views.home, name="home"),
    path("metiers/", include("careers.urls")),
    path("", include("offers.urls")),
    path("contact/", include("jobboard.contact.urls")),
    path("compte/", include("jobboard.accounts.urls")),
    path("mentions-legales/", views.legal_notice, name="legal"),
    path("confidentialite/", views.privacy, name="privacy"),
    path("accessibilite/", views.accessibility, name="accessibility"),
    path("sante/", views.health, name="health"),
    path("admin/", admin.site.urls),
]

# Taken by django-allauth when one of its limits is passed.
handler429 = "jobboard.accounts.views.too_many_requests"
