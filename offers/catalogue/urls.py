from django.urls import path

from offers.catalogue.views import companies, feeds, offers, suggestions

app_name = "catalogue"
urlpatterns = [
    path("offres/", offers.offer_list, name="list"),
    path("offres/flux.<str:feed_format>", feeds.feed, name="feed"),
    path("offres/suggestions/", suggestions.suggest, name="suggestions"),
    path("offres/<int:pk>/", offers.offer_detail),
    path("offres/<int:pk>-<slug:slug>/", offers.offer_detail, name="detail"),
    path("entreprises/<slug:slug>/", companies.company_detail, name="company"),
]
