from django.urls import include, path

from offers.companies.views import logo, team

app_name = "companies"
team_urls = [
    path("rejoindre/", team.join, name="join"),
    path("quitter/", team.leave, name="leave"),
    path("membres/", team.members, name="members"),
    path("membres/<int:pk>/role/", team.change_role, name="member_role"),
    path("membres/<int:pk>/transmettre/", team.transfer, name="member_transfer"),
    path("membres/<int:pk>/retirer/", team.remove, name="member_remove"),
    path("demandes/<int:pk>/accepter/", team.answer_request, {"accepted": True}, name="request_accept"),
    path("demandes/<int:pk>/refuser/", team.answer_request, {"accepted": False}, name="request_decline"),
    path("invitations/", team.invitations, name="invitations"),
    path("invitations/<int:pk>/renvoyer/", team.resend_invitation, name="invitation_resend"),
    path("invitations/<int:pk>/annuler/", team.revoke_invitation, name="invitation_revoke"),
]
urlpatterns = [
    path("media/logos/<str:name>", logo.logo, name="logo"),
    path("recruteurs/entreprises/<slug:slug>/", include(team_urls)),
    path("recruteurs/invitations/<str:token>/", team.invitation, name="invitation"),
]
