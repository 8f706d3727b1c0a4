from django.urls import include, path

from offers.views import applications, catalogue, feeds, inbox, places, recruiters, suggestions

app_name = "offers"
catalogue_urls = [
    path("", catalogue.offer_list, name="list"),
    path("flux.<str:form>", feeds.feed, name="feed"),
    path("communes/", places.suggest, name="places"),
    path("suggestions/", suggestions.suggest, name="suggestions"),
    path("<int:pk>/", catalogue.offer_detail),
    path("<int:pk>-<slug:slug>/", catalogue.offer_detail, name="detail"),
    path("<int:pk>-<slug:slug>/postuler/", applications.apply, name="apply"),
    path("<int:pk>-<slug:slug>/postuler/merci/", applications.applied, name="applied"),
    path("<int:pk>-<slug:slug>/postuler/ailleurs/", applications.apply_elsewhere, name="apply_elsewhere"),
]
candidate_urls = [
    path("effacee/", applications.erased, name="application_erased"),
    path("<str:token>/", applications.status, name="application_status"),
    path("<str:token>/retirer/", applications.withdraw, name="application_withdraw"),
    path("<str:token>/effacer/", applications.erase, name="application_erase"),
    path("<str:token>/cv/", applications.replace_cv, name="application_cv"),
]
inbox_urls = [
    path("", inbox.inbox, name="inbox"),
    path("export/", inbox.export, name="inbox_export"),
    path("decliner/", inbox.decline, name="inbox_decline"),
    path("<int:pk>/", inbox.application, name="inbox_application"),
    path("<int:pk>/etat/", inbox.change, name="inbox_change"),
    path("<int:pk>/note/", inbox.note, name="inbox_note"),
    path("<int:pk>/cv/", inbox.cv, name="inbox_cv"),
]
urlpatterns = [
    path("offres/", include(catalogue_urls)),
    path("candidatures/", include(candidate_urls)),
    path("recruteurs/", recruiters.dashboard, name="dashboard"),
    path("recruteurs/candidatures/", include(inbox_urls)),
    path("recruteurs/offres/<int:pk>/candidatures/", inbox.of_offer, name="inbox_offer"),
]
