from django.urls import include, path

from offers.applications.views import candidate, inbox

app_name = "applications"
apply_urls = [
    path("", candidate.apply, name="apply"),
    path("merci/", candidate.applied, name="applied"),
    path("ailleurs/", candidate.apply_elsewhere, name="apply_elsewhere"),
]
candidate_urls = [
    path("", candidate.request_links, name="request_links"),
    path("envoi/", candidate.links_sent, name="links_sent"),
    path("effacee/", candidate.erased, name="erased"),
    path("effacee/fichier/", candidate.erased_later, name="erased_later"),
    path("<str:token>/", candidate.status, name="status"),
    path("<str:token>/garder/", candidate.keep, name="keep"),
    path("<str:token>/retirer/", candidate.withdraw, name="withdraw"),
    path("<str:token>/effacer/", candidate.erase, name="erase"),
    path("<str:token>/cv/", candidate.replace_cv, name="cv"),
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
    path("offres/<int:pk>-<slug:slug>/postuler/", include(apply_urls)),
    path("candidatures/", include(candidate_urls)),
    path("recruteurs/candidatures/", include(inbox_urls)),
    path("recruteurs/offres/<int:pk>/candidatures/", inbox.offer_inbox, name="inbox_offer"),
]
