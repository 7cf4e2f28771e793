from django.urls import path

from . import views
from .oidc import views as oidc

urlpatterns = [
    path("", views.account, name="account"),
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-in/keep/", views.keep_and_sign_in, name="keep-and-sign-in"),
    path("sign-in/resume/", views.resume, name="resume"),
    path("oidc/", oidc.begin, name="oidc"),
    path("oidc/callback", oidc.callback, name="oidc-callback"),
    path("oidc/code/", oidc.code, name="oidc-code"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("sign-out/everywhere/", views.sign_out_everywhere, name="sign-out-everywhere"),
    path("signed-out/", views.signed_out, name="signed-out"),
    path("sessions/end/", views.end_session, name="end-session"),
    path("sessions/end-others/", views.end_other_sessions, name="end-other-sessions"),
    path("notices/", views.account_notices, name="account-notices"),
    path("session/", views.session, name="session"),
    path("password/", views.change_password, name="change-password"),
    path("second-factor/", views.set_up_second_factor, name="second-factor"),
    path("second-factor/replace/", views.replace_second_factor, name="replace-second-factor"),
    path("recovery-codes/", views.recovery_codes, name="recovery-codes"),
    path("invitation/<str:number>/<str:token>/", views.invitation, name="invitation"),
]
