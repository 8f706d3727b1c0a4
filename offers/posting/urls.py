from django.urls import include, path

from offers.posting.views import company, dashboard, freshness, manage, wizard

app_name = "posting"
offer_urls = [
    path("actions/", dashboard.bulk_action, name="bulk_action"),
    path("nouvelle/", wizard.new, name="new"),
    path("<int:pk>/", manage.manage, name="manage"),
    path("<int:pk>/etape/<slug:slug>/", wizard.step, name="step"),
    path("<int:pk>/apercu/", wizard.preview, name="preview"),
    path("<int:pk>/envoyer/", wizard.submit, name="submit"),
    path("<int:pk>/modifier/", manage.edit, name="edit"),
    path("<int:pk>/dupliquer/", manage.duplicate, name="duplicate"),
    path("<int:pk>/pourvue/", manage.fill, name="fill"),
    path("<int:pk>/renouveler/", manage.renew, name="renew"),
    path("<int:pk>/reprendre/", manage.reopen, name="reopen"),
    path("<int:pk>/retirer/", manage.withdraw, name="withdraw"),
    path("<int:pk>/audience/", dashboard.audience, name="audience"),
]
urlpatterns = [
    path("recruteurs/", dashboard.dashboard, name="dashboard"),
    path("recruteurs/suivi/<str:token>/", freshness.answer, name="freshness"),
    path("recruteurs/offres/", include(offer_urls)),
    path("recruteurs/entreprises/nouvelle/", company.new, name="company_new"),
    path("recruteurs/entreprises/<slug:slug>/", company.edit, name="company"),
    path("recruteurs/competences/", wizard.skill_suggestions, name="skills"),
]
