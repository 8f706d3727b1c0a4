from django.urls import include, path

from offers.alerts import views

app_name = "alerts"
alert_urls = [
    path("", views.request_list, name="list"),
    path("nouvelle/", views.request_alert, name="new"),
    path("envoi/", views.sent, name="sent"),
    path("confirmer/<str:token>/", views.confirm, name="confirm"),
    path("gerer/<str:token>/", views.manage, name="manage"),
    path("arreter/<str:token>/", views.stop, name="stop"),
]
urlpatterns = [path("alertes/", include(alert_urls))]
