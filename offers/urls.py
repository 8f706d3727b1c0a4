from django.urls import include, path

from offers.views import catalogue, feeds, places, recruiters, suggestions

app_name = "offers"
catalogue_urls = [
    path("", catalogue.offer_list, name="list"),
    path("flux.<str:form>", feeds.feed, name="feed"),
    path("communes/", places.suggest, name="places"),
    path("suggestions/", suggestions.suggest, name="suggestions"),
    path("<int:pk>/", catalogue.offer_detail),
    path("<int:pk>-<slug:slug>/", catalogue.offer_detail, name="detail"),
]
urlpatterns = [
    path("offres/", include(catalogue_urls)),
    path("recruteurs/", recruiters.dashboard, name="dashboard"),
]
