from django.urls import include, path

from offers.views import (
    alerts,
    applications,
    catalogue,
    companies,
    feeds,
    freshness,
    inbox,
    places,
    posting,
    recruiters,
    reports,
    suggestions,
    teams,
)

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
    path("<int:pk>-<slug:slug>/signaler/", reports.report, name="report"),
    path("<int:pk>-<slug:slug>/signaler/merci/", reports.reported, name="reported"),
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
team_urls = [
    path("", teams.edit, name="company_edit"),
    path("rejoindre/", teams.join, name="company_join"),
    path("quitter/", teams.leave, name="company_leave"),
    path("membres/", teams.members, name="company_members"),
    path("membres/<int:pk>/role/", teams.change_role, name="member_role"),
    path("membres/<int:pk>/transmettre/", teams.transfer, name="member_transfer"),
    path("membres/<int:pk>/retirer/", teams.remove, name="member_remove"),
    path("demandes/<int:pk>/accepter/", teams.answer_request, {"accepted": True}, name="request_accept"),
    path("demandes/<int:pk>/refuser/", teams.answer_request, {"accepted": False}, name="request_decline"),
    path("invitations/", teams.invitations, name="company_invitations"),
    path("invitations/<int:pk>/renvoyer/", teams.resend_invitation, name="invitation_resend"),
    path("invitations/<int:pk>/annuler/", teams.revoke_invitation, name="invitation_revoke"),
]
alert_urls = [
    path("", alerts.ask_for_list, name="alerts"),
    path("nouvelle/", alerts.ask, name="alert-new"),
    path("envoi/", alerts.sent, name="alert-sent"),
    path("confirmer/<str:token>/", alerts.confirm, name="alert-confirm"),
    path("gerer/<str:token>/", alerts.manage, name="alert-manage"),
    path("arreter/<str:token>/", alerts.stop, name="alert-stop"),
]
posting_urls = [
    path("actions/", recruiters.act, name="act"),
    path("nouvelle/", posting.new, name="post_new"),
    path("<int:pk>/", posting.manage, name="post_manage"),
    path("<int:pk>/etape/<slug:slug>/", posting.step, name="post_step"),
    path("<int:pk>/apercu/", posting.preview, name="post_preview"),
    path("<int:pk>/envoyer/", posting.submit, name="post_submit"),
    path("<int:pk>/modifier/", posting.edit, name="post_edit"),
    path("<int:pk>/dupliquer/", posting.duplicate, name="post_duplicate"),
    path("<int:pk>/pourvue/", posting.fill, name="post_fill"),
    path("<int:pk>/renouveler/", posting.renew, name="post_renew"),
    path("<int:pk>/reprendre/", posting.reopen, name="post_reopen"),
    path("<int:pk>/retirer/", posting.withdraw, name="post_withdraw"),
    path("<int:pk>/audience/", recruiters.audience, name="audience"),
]
urlpatterns = [
    path("offres/", include(catalogue_urls)),
    path("candidatures/", include(candidate_urls)),
    path("entreprises/<slug:slug>/", companies.company_detail, name="company"),
    path("media/logos/<str:name>", companies.logo, name="logo"),
    path("alertes/", include(alert_urls)),
    path("recruteurs/suivi/<str:token>/", freshness.answer, name="freshness"),
    path("recruteurs/", recruiters.dashboard, name="dashboard"),
    path("recruteurs/offres/", include(posting_urls)),
    path("recruteurs/competences/", posting.suggest_skills, name="skills"),
    path("recruteurs/candidatures/", include(inbox_urls)),
    path("recruteurs/offres/<int:pk>/candidatures/", inbox.of_offer, name="inbox_offer"),
    path("recruteurs/entreprises/nouvelle/", teams.new, name="company_new"),
    path("recruteurs/entreprises/<slug:slug>/", include(team_urls)),
    path("recruteurs/invitations/<str:token>/", teams.invitation, name="invitation"),
]
