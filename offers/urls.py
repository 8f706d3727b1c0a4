from django.urls import include, path

from offers.views import alerts, catalogue, feeds, places, recruiters, suggestions

app_name = "offers"
catalogue_urls = [
    path("", catalogue.offer_list, name="list"),
    path("flux.<str:form>", feeds.feed, name="feed"),
    path("communes/", places.suggest, name="places"),
    path("suggestions/", suggestions.suggest, name="suggestions"),
    path("<int:pk>/", catalogue.offer_detail),
    path("<int:pk>-<slug:slug>/", catalogue.offer_detail, name="detail"),
]
alert_urls = [
    path("", alerts.ask_for_list, name="alerts"),
    path("nouvelle/", alerts.ask, name="alert-new"),
    path("envoi/", alerts.sent, name="alert-sent"),
    path("confirmer/<str:token>/", alerts.confirm, name="alert-confirm"),
    path("gerer/<str:token>/", alerts.manage, name="alert-manage"),
    path("arreter/<str:token>/", alerts.stop, name="alert-stop"),
]
urlpatterns = [
    path("offres/", include(catalogue_urls)),
    path("alertes/", include(alert_urls)),
    path("recruteurs/", recruiters.dashboard, name="dashboard"),
]
